"""Assigns customers to the segments of rule models.

Reading predicates is not here (`predicate.py`), nor is the wording of an explanation.
"""

from collections.abc import Sequence

import duckdb

from dagster_project import warehouse
from dagster_project.errors import DeclarationError, SegmentsError
from dagster_project.segmentation.predicate_values import Features
from dagster_project.segmentation.rule_model import RuleModel, read_rules
from dagster_project.segmentation.rule_sql import assignment_query
from dagster_project.segmentation.spec import RulesSpec
from dagster_project.warehouse import identifier, literal

COLUMNS = {
    "customer_id": "varchar",
    "as_of_date": "date",
    "model": "varchar",
    "segment": "varchar",
    "confidence": "decimal(9, 6)",
    "margin": "decimal(18, 6)",
    "next_segment": "varchar",
    "coverage": "decimal(9, 6)",
    "reason_code": "varchar",
    "reason_feature": "varchar",
    "reason_value": "varchar",
    "reason_threshold": "varchar",
}


def assign_rules(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[RulesSpec],
    features: Features,
    source: str = "features.customer_features_spine",
    target: str = "segmentation.rule_assignments",
) -> int:
    """Writes the segment of each customer and as-of date in each rule model.

    Rules are tried in order: true takes the customer, not known stops with
    `unknown`, false goes on; `otherwise` takes the rest. The target is replaced; any
    rules may be asked of any night's features, which is how a changed definition is
    told from changed behaviour. Returns the number of rows.
    Raises DeclarationError with file and key for a predicate that cannot be read.
    """
    read = read_rules(models, features)
    if "." in target:
        connection.execute(f"create schema if not exists {target.rpartition('.')[0]}")
    if read:
        try:
            connection.execute(_statement(read, features, source, target))
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise SegmentsError(f"a rule cannot be computed: {error}") from error
    else:
        columns = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
        connection.execute(f"create or replace table {target} ({columns})")
    counted = connection.execute(f"select count(*) from {target}").fetchall()
    return int(counted[0][0])


def check_rules(models: Sequence[RulesSpec], features: Features) -> None:
    """Reads all predicates and lets the engine bind each, without any data.

    Raises DeclarationError with one line per wrong predicate: file, key, reason.
    """
    connection = warehouse.connect()
    columns = ", ".join(f"{identifier(f.name)} {f.type}" for f in features.values())
    connection.execute(f"create table features ({columns})")
    problems = []
    for model in read_rules(models, features):
        for i, predicate in enumerate(model.predicates):
            try:
                connection.execute(f"select {predicate.sql} from features")
            except duckdb.Error as error:
                key = f"{model.spec.path}: segments[{i}].when"
                problems.append(f"{key}: {str(error).splitlines()[0]}")
    if problems:
        raise DeclarationError("\n".join(problems))


def _statement(
    models: list[RuleModel], features: Features, source: str, target: str
) -> str:
    casts = {
        "segment": "outcome.segment",
        "next_segment": "follower.segment",
        "model": "outcome.model",
        "confidence": "answer.coverage",
        "reason_value": "answer.value",
        "reason_feature": "reason.feature",
        "reason_threshold": "reason.threshold",
        "reason_code": "outcome.code",
        "coverage": "answer.coverage",
        "margin": "answer.margin",
    }
    columns = ", ".join(
        f"{casts.get(name, name)}::{type_} as {name}" for name, type_ in COLUMNS.items()
    )
    return f"""
        create or replace table {target} as
        with
        judged as ({assignment_query(models, features, source)}),
        outcomes (number, id, model, segment, code) as (values {_outcomes(models)}),
        reasons (number, id, feature, threshold) as (values {_reasons(models)})
        select {columns}
        from judged
        inner join outcomes as outcome
            on outcome.number = answer.model and outcome.id = answer.outcome
        left join outcomes as follower
            on follower.number = answer.model and follower.id = answer.next_outcome
        left join reasons as reason
            on reason.number = answer.model and reason.id = answer.reason
    """


def _outcomes(models: list[RuleModel]) -> str:
    return ", ".join(
        f"({j}, {number}, {literal(model.spec.name)}, {literal(segment)}, '{code}')"
        for j, model in enumerate(models)
        for number, segment, code in model.outcomes()
    )


def _reasons(models: list[RuleModel]) -> str:
    return ", ".join(
        f"({j}, {k}, '{reason.feature}', {literal(reason.comparison.threshold)})"
        for j, model in enumerate(models)
        for k, reason in enumerate(model.reasons)
    )
