"""The table of frozen cluster models: written tonight, read back the next night."""

from collections.abc import Sequence
from typing import Any

import duckdb

from dagster_project.segmentation.champion import COLUMNS, Champion


def write_champions(
    connection: duckdb.DuckDBPyConnection,
    champions: Sequence[Champion],
    target: str = "segmentation.cluster_models",
) -> int:
    """Replaces the table by the rows of the given models; returns their number."""
    if "." in target:
        connection.execute(f"create schema if not exists {target.rsplit('.', 1)[0]}")
    columns = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
    connection.execute(f"create or replace table {target} ({columns})")
    rows = [[row[c] for c in COLUMNS] for one in champions for row in one.to_rows()]
    if rows:
        marks = ", ".join("?" for _ in COLUMNS)
        connection.executemany(f"insert into {target} values ({marks})", rows)
    return len(rows)


def read_champions(
    connection: duckdb.DuckDBPyConnection, source: str = "release.cluster_models"
) -> list[dict[str, Any]]:
    """The rows of all models of a release, as `champion_for_tonight` takes them."""
    names = list(COLUMNS)
    order = "order by model, cluster, feature_order"
    query = f"select {', '.join(names)} from {source} {order}"
    return [
        dict(zip(names, row, strict=True))
        for row in connection.execute(query).fetchall()
    ]
