"""A small company whose groups are known, for the tests of clusters."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dagster_project.segmentation.spec import ClustersSpec
from dagster_project.warehouse import connect

AS_OF = date(2026, 11, 21)
FEATURES = [
    {"feature": "mrr", "transform": "log", "fill": "zero"},
    {"feature": "sessions_30d", "transform": "log"},
    {
        "feature": "nps_score",
        "fill": "median",
        "words": {"high": "promoters", "low": "detractors"},
    },
]


def spec(**changes: Any) -> ClustersSpec:
    declared: dict[str, Any] = {
        "name": "behaviour_clusters",
        "path": Path("segments/behaviour_clusters.yml"),
        "kind": "clusters",
        "title": "Behaviour",
        "goal": "Find groups nobody named",
        "kpi": "mrr",
        "owner": "growth",
        "reviewed_on": "2026-11-01",
        "features": FEATURES,
        "k": {"min": 2, "max": 5},
        "starts": 3,
        "seed": 7,
    }
    return ClustersSpec(**(declared | changes))


def two_blobs(customers: int = 200, seed: int = 1) -> list[tuple]:
    """Even numbers pay much, rarely come and complain; odd ones the opposite."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        payer = number % 2 == 0
        mrr = random.lognormal(np.log(3000 if payer else 40), 0.3)
        sessions = random.lognormal(np.log(3 if payer else 60), 0.3)
        nps = int(np.clip(random.normal(3 if payer else 9, 1), 0, 10))
        rows.append((f"c{number:05}", AS_OF, round(mrr, 2), round(sessions), nps))
    return rows


def company(
    rows: list[tuple], threads: int = 1, table: str = "features.customer_features"
) -> duckdb.DuckDBPyConnection:
    connection = connect()
    connection.execute(f"set threads = {threads}")
    load(connection, rows, table)
    load(connection, rows, "features.customer_features_spine")
    return connection


def load(connection: duckdb.DuckDBPyConnection, rows: list[tuple], table: str) -> None:
    connection.execute("create schema if not exists features")
    connection.execute(
        f"create or replace table {table} (customer_id varchar, as_of_date date,"
        " mrr decimal(18, 2), sessions_30d bigint, nps_score integer)"
    )
    names = ["customer_id", "as_of_date", "mrr", "sessions_30d", "nps_score"]
    delivered = pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows]
    )
    if rows:
        connection.register("delivered", delivered)
        connection.execute(f"insert into {table} from delivered")
        connection.unregister("delivered")


def segments(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    query = "select customer_id, segment from segmentation.cluster_assignments"
    return dict(connection.execute(query).fetchall())
