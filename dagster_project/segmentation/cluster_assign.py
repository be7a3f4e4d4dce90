"""Puts every customer into the nearest cluster of a frozen model, in SQL.

Nothing is fitted here.
"""

import duckdb

from dagster_project.segmentation.champion import Champion
from dagster_project.segmentation.cluster_sql import assignment_sql
from dagster_project.segmentation.rules import COLUMNS
from dagster_project.segmentation.spec import ClustersSpec
from dagster_project.warehouse import literal


def assign_clusters(
    connection: duckdb.DuckDBPyConnection,
    champion: Champion,
    spec: ClustersSpec,
    source: str = "features.customer_features_spine",
    target: str = "segmentation.cluster_assignments",
) -> int:
    """Replaces the model's rows of the target and returns how many there are now.

    One row per customer and as-of date. With d1 and d2 the distances to the nearest
    and the next centroid: margin = (d2 - d1) / (d1 + d2), 0 on the border and 1 in
    the centre; confidence = d2 / (d1 + d2), from 0.5 to 1. The reason is the known
    feature that adds most to d2^2 - d1^2, with the customer's value and the typical
    value of the cluster. A customer without a place of its own is `unknown`.
    """
    columns = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
    if "." in target:
        connection.execute(f"create schema if not exists {target.rsplit('.', 1)[0]}")
    connection.execute(f"create table if not exists {target} ({columns})")
    connection.execute(f"delete from {target} where model = {literal(champion.model)}")
    query = assignment_sql(champion, spec, source)
    connection.execute(f"insert into {target} {query}")
    counted = f"select count(*) from {target} where model = {literal(champion.model)}"
    [(count,)] = connection.execute(counted).fetchall()
    return count
