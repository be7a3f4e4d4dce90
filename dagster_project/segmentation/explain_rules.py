"""Tries the rules of a model on one customer and keeps what each came to."""

from typing import Any

import duckdb

from dagster_project.segmentation.explanation import CheckedComparison, TriedRule
from dagster_project.segmentation.plain_words import (
    comparison_words,
    condition_words,
    value_words,
)
from dagster_project.segmentation.predicate_tree import Comparison, comparisons
from dagster_project.segmentation.predicate_values import Features
from dagster_project.segmentation.rule_model import RuleModel
from dagster_project.segmentation.rule_sql import rendered

Answers = dict[str, Any]


def tried_rules(
    connection: duckdb.DuckDBPyConnection,
    model: RuleModel,
    features: Features,
    table: str,
    customer_id: str,
) -> tuple[TriedRule, ...]:
    """The rules in order, up to the one that took or stopped the customer.

    `table` holds one row per customer with the features the model reads.
    """
    answers = _answers(connection, model, features, table, customer_id)
    tried = []
    for rule, predicate in zip(model.spec.segments, model.predicates, strict=True):
        checked = tuple(
            _checked(item, features, answers) for item in comparisons(predicate.root)
        )
        words = condition_words(predicate.root, features)
        tried.append(TriedRule(rule.name, words, answers[predicate.sql], checked))
        if tried[-1].holds is not False:
            break
    return tuple(tried)


def _answers(
    connection: duckdb.DuckDBPyConnection,
    model: RuleModel,
    features: Features,
    table: str,
    customer_id: str,
) -> Answers:
    """What each rule, comparison and feature comes to, keyed by its SQL."""
    roots = [predicate.root for predicate in model.predicates]
    asked = [root.sql for root in roots]
    asked += [item.sql for root in roots for item in comparisons(root)]
    asked += [rendered(name, features) for name in model.features]
    row = connection.execute(
        f"select {', '.join(asked)} from {table} where customer_id = ?", [customer_id]
    ).fetchone()
    return dict(zip(asked, row or (), strict=True))


def _checked(
    item: Comparison, features: Features, answers: Answers
) -> CheckedComparison:
    values = {
        name: value_words(answers[rendered(name, features)], features[name].family)
        for name in item.columns
    }
    words = comparison_words(item, features)
    return CheckedComparison(words, values, answers[item.sql])
