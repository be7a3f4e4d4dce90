"""A work database with nothing in it but what the churn stage reads."""

from datetime import date, timedelta

import duckdb

from dagster_project.features.churn_champion import fit_churn
from dagster_project.features.rendering import macro_value, render
from dagster_project.features.scoring import SCORE_MODELS
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect, literal

TONIGHT = date(2026, 1, 31)

# Who has few sessions leaves more often; `noise` has nothing to do with it.
LIVES = """
create table lives as
select
    'c' || n as customer_id,
    cast(last_day(date '2024-01-01' + to_months(m::integer)) as date) as day,
    {{ share_of_all("'sessions' || n || '-' || m") }} as activity,
    {{ share_of_all("'leaves' || n || '-' || m") }} < 0.5 * power(1 - activity, 2)
        as has_left
from generate_series(1, 400) as customers (n), generate_series(0, 24) as months (m)
"""
STATES = """
create table {table} as
select
    customer_id,
    day as {day},
    {columns}
from lives
"""


def small_history(**values: str) -> duckdb.DuckDBPyConnection:
    """25 months of 400 customers as a first night sees them; `values` are SQL."""
    connection = connect()
    for schema in ("features", "release", "night", "seeds", "scores"):
        connection.execute(f"create schema {schema}")
    csv = literal(PROJECT / "seeds" / "thresholds.csv")
    connection.execute(f"create table seeds.thresholds as from read_csv({csv})")
    connection.execute(render(LIVES))
    given = {"sessions_30d": "floor(20 * activity)", "tier": "'basic'"} | values
    numbers = dict.fromkeys(macro_value("churn_numbers"), "cast(null as double)")
    words = dict.fromkeys(macro_value("churn_categories"), "cast(null as varchar)")
    every = numbers | words | given
    columns = ", ".join(f"{sql} as {name}" for name, sql in every.items())
    _tables(connection, columns)
    return connection


def _tables(connection: duckdb.DuckDBPyConnection, columns: str) -> None:
    for table, day in (
        ("features.customer_states", "as_of_date"),
        ("release.customer_features_monthly", "month_end"),
    ):
        connection.execute(STATES.format(table=table, day=day, columns=columns))
    connection.execute("delete from release.customer_features_monthly")
    connection.execute("""
        create table night.as_of_dates as
        select distinct as_of_date from features.customer_states
    """)
    connection.execute("""
        create table features.churn_labels as
        select
            customer_id, day as as_of_date, customer_id as recorded_id,
            false as is_recorded, has_left
        from lives
    """)
    connection.execute(SCORE_MODELS.replace("scores.", "release."))


def night(connection: duckdb.DuckDBPyConnection, days: int = 0) -> dict[str, object]:
    """The decision of the night so many days after the first."""
    connection.execute("create schema if not exists scores")
    connection.execute(SCORE_MODELS)
    (decision,) = fit_churn(connection, TONIGHT + timedelta(days=days))
    return decision


def publish(connection: duckdb.DuckDBPyConnection) -> None:
    """What was scored is the predecessor's release of the next night."""
    connection.execute(
        "create or replace table release.score_models as from scores.score_models"
    )


def change(connection: duckdb.DuckDBPyConnection, threshold: str, value: float) -> None:
    """Another value of a threshold."""
    connection.execute(
        "update seeds.thresholds set value = ? where threshold = ?", [value, threshold]
    )


def metrics(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The metrics of tonight's model."""
    return dict(
        connection.execute(
            "select name, value from scores.score_models "
            "where model = 'churn' and kind = 'metric'"
        ).fetchall()
    )
