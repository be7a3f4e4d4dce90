"""The segmentation of a night: every declared model on tonight's features."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.errors import DeclarationError
from dagster_project.segmentation.cluster_registry import cluster_rows
from dagster_project.segmentation.clusters import (
    assign_clusters,
    champion_for_tonight,
    read_champions,
    write_champions,
)
from dagster_project.segmentation.feature_contract import load_feature_contract
from dagster_project.segmentation.rule_registry import rule_rows
from dagster_project.segmentation.rules import COLUMNS, assign_rules
from dagster_project.segmentation.spec import (
    ClustersSpec,
    ModelSpec,
    RulesSpec,
    model_from,
)

REGISTRY = """
create or replace table segmentation.registry (
    model varchar, segment varchar, segment_order integer, kind varchar, title varchar,
    goal varchar, kpi varchar, owner varchar, requirement varchar, rule varchar,
    means varchar, reviewed_on date
)
"""

ASSIGNMENTS = """
create or replace view segmentation.assignments as
select * from segmentation.rule_assignments
union all
select * from segmentation.cluster_assignments
"""


def segment(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[ModelSpec],
    as_of: date,
    earlier: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Write every table of the schema `segmentation`.

    `earlier` holds the declarations of the predecessor by model name: those that differ
    tonight are asked of tonight's features too, which tells a changed definition from
    changed behaviour. Returns the decision about each cluster model.
    """
    connection.execute("create schema if not exists segmentation")
    features = load_feature_contract()
    rules = [model for model in models if isinstance(model, RulesSpec)]
    clusters = [model for model in models if isinstance(model, ClustersSpec)]
    assign_rules(connection, rules, features)
    _assign_as_before(connection, _changed(rules, earlier))
    champions, decisions, registry = [], [], rule_rows(rules)
    previous = read_champions(connection)
    _empty_table(connection, "segmentation.cluster_assignments")
    for spec in clusters:
        champion, decision = champion_for_tonight(connection, spec, previous, as_of)
        assign_clusters(connection, champion, spec)
        registry += cluster_rows(champion, spec)
        champions.append(champion)
        decisions.append(decision)
    write_champions(connection, champions)
    connection.execute(ASSIGNMENTS)
    connection.execute(REGISTRY)
    names = "model segment segment_order kind title goal kpi owner requirement rule"
    columns = [*names.split(), "means", "reviewed_on"]
    marks = ", ".join("?" for _ in columns)
    for row in registry:
        connection.execute(
            f"insert into segmentation.registry values ({marks})",
            [row[column] for column in columns],
        )
    return decisions


def declared(models: Sequence[ModelSpec]) -> dict[str, Any]:
    """The models as plain content, as a release keeps them."""
    return {model.name: model.model_dump(mode="json") for model in models}


def _changed(rules: list[RulesSpec], earlier: Mapping[str, Any]) -> list[RulesSpec]:
    now = declared(rules)
    before = []
    for name, content in earlier.items():
        if name in now and content != now[name] and content.get("kind") == "rules":
            spec = model_from(dict(content), Path(f"{name} of the predecessor"))
            assert isinstance(spec, RulesSpec)
            before.append(spec)
    return before


def _assign_as_before(
    connection: duckdb.DuckDBPyConnection, before: list[RulesSpec]
) -> None:
    target = "segmentation.previous_rule_assignments"
    features = load_feature_contract()
    readable = []
    for spec in before:
        try:
            assign_rules(connection, [spec], features, target=target)
        except DeclarationError:
            # Yesterday's rule asks for a feature that no longer exists: nobody can say
            # where it would have put a customer.
            continue
        readable.append(spec)
    assign_rules(connection, readable, features, target=target)


def _empty_table(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    columns = ", ".join(f"{column} {type_}" for column, type_ in COLUMNS.items())
    connection.execute(f"create or replace table {name} ({columns})")
