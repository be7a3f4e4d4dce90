"""CPU-seconds of the churn model at one million customers and 24 month-ends.

    python -m bench.churn [CUSTOMERS]

Labels, score and health are the SQL of the models; the history is made up, two thirds
subscribe, one third orders. Prints one line per step.
"""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from dagster_project.features.churn_champion import fit_churn
from dagster_project.features.rendering import macro_value, render_model
from dagster_project.features.scoring import SCORE_MODELS
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect, literal

TONIGHT = date(2026, 1, 31)

COMPANY = """
create table control as select date '2026-01-31' as as_of_date;
create table int_identity__customers as
select 'customer-' || n as customer_id from range({customers}) as r (n);
create table customer_spine as
select customer_id, as_of_date from int_identity__customers, control;
create table int_customers__subscriptions as
select
    customer_id,
    date '2023-06-01' + (hash(customer_id) % 700)::integer as starts_on,
    if(hash(customer_id, 1) % 3 = 0, null,
        date '2024-03-01' + (hash(customer_id, 2) % 900)::integer) as ends_on,
    cast(10 + hash(customer_id, 3) % 90 as decimal(18, 2)) as monthly_amount
from int_identity__customers where hash(customer_id, 4) % 3 > 0;
create table int_customers__invoice_lines as
select
    customer_id,
    date '2024-01-01' + (hash(customer_id, n) % 760)::integer as invoiced_on,
    cast(20 as decimal(18, 2)) as amount
from int_identity__customers, range(6) as r (n) where hash(customer_id, 4) % 3 = 0;
create table customer_key_log (
    kind varchar, old_customer_id varchar, new_customer_id varchar, changed_on date
);
"""

STATES = """
create table features.customer_states as
select
    c.customer_id, as_of_date, true as is_tonight, {columns},
    cast(50 as decimal(5, 2)) as engagement_score, date '2026-01-01' as last_response_on,
from int_identity__customers as c, control
"""
RECORDED = """
create table release.customer_features_monthly as
select c.customer_id, cast(last_day(month) as date) as month_end, {columns}
from int_identity__customers as c,
    generate_series(date '2024-01-01', date '2025-12-01', interval 1 month) as m (month)
"""


@contextmanager
def step(name: str) -> Iterator[None]:
    started, cpu = time.perf_counter(), time.process_time()
    yield
    spent, took = time.process_time() - cpu, time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:<44} {spent:7.1f} CPU-s {took:7.1f} s {peak:5.1f} GB", flush=True)


def columns() -> str:
    """Every feature of the model as a number that differs from customer to customer."""
    known = [
        f"cast(hash(c.customer_id, {place}) % 100 as double) as {name}"
        for place, name in enumerate(macro_value("churn_numbers"), start=10)
    ]
    words = [
        "['basic', 'pro', 'team'][(1 + hash(c.customer_id, 5) % 3)::bigint] as tier",
        "['active', 'loyal', 'slipping'][(1 + hash(c.customer_id, 6) % 3)::bigint]"
        " as lifecycle_stage",
    ]
    return ", ".join(known + words)


def lay_out(connection: duckdb.DuckDBPyConnection, customers: int) -> None:
    for schema in ("features", "release", "night", "seeds", "scores"):
        connection.execute(f"create schema {schema}")
    connection.execute(COMPANY.format(customers=customers))
    csv = literal(PROJECT / "seeds" / "thresholds.csv")
    connection.execute(f"create table seeds.thresholds as from read_csv({csv})")
    connection.execute("create table night.as_of_dates as from control")
    connection.execute(STATES.format(columns=columns()))
    connection.execute(RECORDED.format(columns=columns()))
    for table in (
        "seeds.thresholds",
        "release.customer_features_monthly",
        "features.customer_states",
        "scores.score_models",
    ):
        name = table.split(".")[1]
        if name == "score_models":
            connection.execute(SCORE_MODELS)
            connection.execute(SCORE_MODELS.replace("scores.", "release."))
        connection.execute(f"create view {name} as from {table}")
    labels = render_model("churn_labels")
    connection.execute(f"create view features.churn_labels as {labels}")


def main(customers: int = 1_000_000) -> None:
    connection = connect()
    connection.execute("set threads = 2")
    with step(f"lay out {customers:,} customers, 24 month-ends"):
        lay_out(connection, customers)
    # A made-up history has nothing to be found: the gates of quality are left open.
    connection.execute(
        "update seeds.thresholds set value = 0 where threshold = 'churn_minimum_auc'"
    )
    import sklearn.linear_model  # noqa: F401 - the import is no part of the fit

    with step("labels of the sample"):
        connection.execute("create table labels as from features.churn_labels")
    rows = connection.execute("select count(*) from labels").fetchall()[0][0]
    print(f"{rows:,} labelled rows in the sample")
    with step("labels, features, fit, calibration, test"):
        decision = fit_churn(connection, TONIGHT)
    print(decision)
    if not decision[0]["champion_id"]:
        made_up(connection)
    for model in ("risk_features", "health_features"):
        with step(f"{model} of {customers:,} customers"):
            connection.execute(f"create table {model} as {render_model(model)}")
    count = "select churn_band, count(*) from risk_features group by all order by all"
    print(connection.execute(count).fetchall())


def made_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Weights for the score when the fit was refused: their values cost nothing."""
    parts = {"low": 0, "high": 5, "center": 3, "scale": 1, "weight": 0.1}
    names = {f"{f}.{p}": v for f in macro_value("churn_numbers") for p, v in parts.items()}
    names |= {"intercept": -3, "calibration.slope": 1, "calibration.offset": 0}
    for name, value in names.items():
        connection.execute(
            "insert into scores.score_models (model, kind, name, value) "
            "values ('churn', 'parameter', ?, ?)",
            [name, value],
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
