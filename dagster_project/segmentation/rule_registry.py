"""Describes the segments of rule models for the registry. Nothing is assigned here."""

from collections.abc import Sequence
from typing import Any

from dagster_project.segmentation.spec import UNKNOWN, RulesSpec

OTHERWISE_MEANS = "Everyone whom no other rule takes"
UNKNOWN_MEANS = "A feature the rules need is not known for the customer"


def rule_rows(models: Sequence[RulesSpec]) -> list[dict[str, Any]]:
    """The segments of all models, as the registry lists them.

    Per model: the rules in order, what no rule takes, and `unknown`.
    """
    return [row for model in models for row in _registry(model)]


def _registry(model: RulesSpec) -> list[dict[str, Any]]:
    means = model.otherwise_means or OTHERWISE_MEANS
    named = [(rule.name, rule.when.strip(), rule.means) for rule in model.segments]
    named += [(model.otherwise, "otherwise", means)]
    named += [(UNKNOWN, "a feature is not known", UNKNOWN_MEANS)]
    return [
        {
            "model": model.name,
            "segment": segment,
            "segment_order": order,
            "kind": model.kind,
            "title": model.title,
            "goal": model.goal,
            "kpi": model.kpi,
            "owner": model.owner,
            "requirement": ", ".join(model.requirement),
            "rule": rule,
            "means": means,
            "reviewed_on": model.reviewed_on,
        }
        for order, (segment, rule, means) in enumerate(named, start=1)
    ]
