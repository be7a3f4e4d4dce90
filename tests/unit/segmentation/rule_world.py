"""The feature contract, the shipped columns, and a table of customers for rules."""

from datetime import date
from pathlib import Path

import duckdb

from dagster_project import warehouse
from dagster_project.segmentation.feature_contract import FeatureColumn
from dagster_project.segmentation.spec import RulesSpec, model_from

STAGES = ("prospect", "new", "active", "churned")
FEATURES = {
    column.name: column
    for column in (
        FeatureColumn("customer_id", "varchar"),
        FeatureColumn("as_of_date", "date"),
        FeatureColumn("revenue_12m", "decimal(18,2)"),
        FeatureColumn("revenue_slope_8w", "double"),
        FeatureColumn("orders_total", "bigint"),
        FeatureColumn("lifecycle_stage", "varchar", STAGES),
        FeatureColumn("plan", "varchar"),
        FeatureColumn("is_billing_customer", "boolean"),
        FeatureColumn("subscribed_on", "date"),
        FeatureColumn("last_event_at", "timestamp"),
    )
}
COMMON = {
    "title": "T",
    "kind": "rules",
    "goal": "G",
    "kpi": "revenue_12m",
    "owner": "growth",
    "reviewed_on": date(2026, 11, 1),
}


def rules(
    *whens: str, otherwise: str = "rest", name: str = "tiers", **more: object
) -> RulesSpec:
    """A rules model with segments s0, s1, ... for the given conditions."""
    segments = [
        {"name": f"s{i}", "when": when, "means": f"Segment {i}"}
        for i, when in enumerate(whens)
    ]
    data = {**COMMON, "segments": segments, "otherwise": otherwise, **more}
    spec = model_from({**data, "name": name}, Path(f"segments/{name}.yml"))
    assert isinstance(spec, RulesSpec)
    return spec


def customers(*rows: dict) -> duckdb.DuckDBPyConnection:
    """A database whose table `spine` holds the rows; what is left out is not known."""
    connection = warehouse.connect()
    columns = ", ".join(f"{f.name} {f.type}" for f in FEATURES.values())
    connection.execute(f"create table spine ({columns})")
    for number, row in enumerate(rows):
        full = {"customer_id": f"c{number}", "as_of_date": "2026-11-21", **row}
        marks = ", ".join("?" for _ in full)
        connection.execute(
            f"insert into spine ({', '.join(full)}) values ({marks})",
            list(full.values()),
        )
    return connection
