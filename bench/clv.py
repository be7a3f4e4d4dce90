"""What valuing customers costs: drawing apart, then each step in a process of its own.

    python -m bench.clv [CUSTOMERS ...]

The customers are drawn as one row each, as the model customer_purchases has them; the
steps are the stage of a night that fits, that of a night that keeps what was fitted,
and the SQL that gives every customer its value.
"""

import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from bench.processes import measure, peak_megabytes
from dagster_project.features.rendering import render_model
from dagster_project.features.scoring import SCORE_MODELS
from dagster_project.features.value_scores import fit_value
from dagster_project.settings import REPOSITORY
from dagster_project.warehouse import connect, literal

AS_OF = date(2026, 1, 31)
DAYS = 1095
CHUNK = 500_000
STEPS = ("draw", "fit", "keep", "value")

WORLD = f"""
create table seeds.thresholds as
    from read_csv({literal(REPOSITORY / "dbt" / "seeds" / "thresholds.csv")},
    types = {{'value': 'decimal(18, 4)'}});
create table night.control as
    select date '{AS_OF}' as as_of_date, 'EUR' as reporting_currency;
create table features.contract_spells (customer_id varchar, has_ended boolean,
    renewals bigint, renewals_ahead bigint, paid decimal(18, 2));
create table features.customer_purchases (customer_id varchar, as_of_date date,
    repeat_purchases bigint, purchases_90d bigint, first_to_last_days bigint,
    first_to_last_days_90d_ago bigint, observed_days bigint, spend decimal(18, 2),
    spend_12m decimal(18, 2), refunds decimal(18, 2), refunds_12m decimal(18, 2));
{SCORE_MODELS};
{SCORE_MODELS.replace("scores.", "release.")};
"""

MEASURES = """
create table features.customer_measures as
select customer_id, as_of_date, true as is_tonight, true as orders_are_known,
    false as mrr_is_known, spend as monetary, null::decimal(18, 2) as mrr
from features.customer_purchases
"""


def draw(connection: duckdb.DuckDBPyConnection, customers: int) -> None:
    """Customers of three years who buy and leave as BG/NBD and gamma-gamma say."""
    for schema in ("seeds", "night", "features", "scores", "release"):
        connection.execute(f"create schema {schema}")
    connection.execute(WORLD)
    for start in range(0, customers, CHUNK):
        columns = pa.table(_purchases(start, min(CHUNK, customers - start)))
        connection.register("drawn", columns)
        connection.execute(f"""
            insert into features.customer_purchases
            select 'c' || number, date '{AS_OF}', x, x90, last, last90, observed,
                spend, spend / 2, spend / 20, spend / 40
            from drawn
        """)
    connection.execute(MEASURES)


def _purchases(start: int, size: int) -> dict[str, Any]:
    random = np.random.default_rng(start)
    observed = random.integers(0, DAYS, size)
    daily = random.gamma(0.5, 1 / 35.0, size)
    leave = random.beta(0.8, 2.5, size)
    found = {name: np.zeros(size, np.int64) for name in ("x", "x90", "last", "last90")}
    who, clock = np.arange(size), np.zeros(size)
    while len(who):
        clock = clock + np.maximum(1, random.exponential(1 / daily[who]))
        inside = clock < observed[who]
        who, clock = who[inside], clock[inside]
        late = clock > observed[who] - 90
        found["x"][who] += 1
        found["x90"][who] += late
        found["last"][who] = clock
        found["last90"][who[~late]] = clock[~late]
        stays = random.random(len(who)) >= leave[who]
        who, clock = who[stays], clock[stays]
    spend = random.gamma(6.0 * (found["x"] + 1)) / random.gamma(4.0, 1 / 15.0, size)
    return {
        **found,
        "number": np.arange(start, start + size),
        "observed": observed,
        "spend": np.round(spend + 0.01, 2),
    }


def value(connection: duckdb.DuckDBPyConnection) -> None:
    """The two models that read what was fitted."""
    connection.execute("set search_path = 'main,seeds,night,features,scores'")
    connection.execute(
        f"create view purchase_values as {render_model('purchase_values')}"
    )
    connection.execute(
        f"create table value_features as {render_model('value_features')}"
    )


def step(name: str, path: Path, customers: int) -> dict[str, Any]:
    """One step on the file of the benchmark; what it cost without starting Python."""
    with connect(path) as connection:
        connection.execute("set threads = 2")
        if name == "keep":
            connection.execute(
                "insert into release.score_models from scores.score_models"
            )
            connection.execute("delete from scores.score_models")
        before = time.process_time()
        if name == "draw":
            draw(connection, customers)
        elif name == "value":
            value(connection)
        else:
            fit_value(connection, AS_OF)
        return {"step": name, "cpu": time.process_time() - before}


def main(sizes: list[int]) -> None:
    """Print a table of every size and step."""
    print("| customers | step | CPU-s | MB |\n|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for name in STEPS:
                path = str(Path(folder) / "bench.duckdb")
                cost = measure(["-m", "bench.clv", "step", name, path, str(size)])
                cpu = cost.said["cpu"]
                print(
                    f"| {size:,} | {name} | {cpu:.1f} | {cost.megabytes} |", flush=True
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["step"]:
        said = step(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
        print(json.dumps(said | {"megabytes": peak_megabytes()}))
    else:
        main([int(size) for size in sys.argv[1:]] or [1_000_000, 5_000_000])
