"""Which churn model scores tonight: the frozen champion, or a challenger that beats it.

Fitting and judging are elsewhere; a decision is a small dictionary for the manifest.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb

from dagster_project.features.churn_challenge import Challenge, challenge
from dagster_project.features.churn_history import labelled_dates
from dagster_project.features.churn_judgement import unfit
from dagster_project.features.churn_past import Limits, Refused, past
from dagster_project.features.churn_rows import (
    MODEL,
    Standing,
    fingerprint,
    read_standing,
    write_standing,
)
from dagster_project.features.rendering import macro_value

LIMITS = """
select replace(threshold, 'churn_', ''), cast(value as double)
from seeds.thresholds
where threshold like 'churn~_%' escape '~'
"""

Decision = dict[str, Any]


def fit_churn(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Decision]:
    """Write the churn model that scores tonight, or why there is none.

    A night never fails for lack of history. Decisions: none (too little history, or
    nobody can be told apart), first, definition (other features are asked for), kept,
    promoted or rejected (a challenger was fitted).
    """
    limits: Limits = dict(connection.execute(LIMITS).fetchall())
    before = read_standing(connection)
    decision, standing = _decided(connection, as_of, before, limits)
    write_standing(connection, standing, as_of)
    return [
        {
            "model": MODEL,
            "decision": decision,
            "reason": standing.reason,
            "champion_id": standing.champion_id,
        }
    ]


def _decided(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    before: Standing,
    limits: Limits,
) -> tuple[str, Standing]:
    days, least = int(limits["within_days"]), int(limits["minimum_dates"])
    if not before.definition:
        count = len(labelled_dates(connection, as_of, days))
        if count < least:
            reason = f"{count} month-ends have an outcome, {least} are needed"
            return "none", Standing(reason=reason)
    features = macro_value("churn_numbers"), macro_value("churn_categories")
    asked = fingerprint(*features)
    kept = before if before.definition == asked else Standing(definition=asked)
    if not _is_due(kept, as_of, limits):
        return "kept" if kept.model else "none", kept
    dates = labelled_dates(connection, as_of, days)
    try:
        found = past(connection, dates, limits, features)
        tried = challenge(found, limits, features, kept.model)
    except Refused as refused:
        stays = replace(kept, challenged_on=as_of, reason=str(refused))
        return "kept" if kept.model else "none", stays
    if not tried.objection:
        first = "definition" if before.model else "first"
        return "promoted" if kept.model else first, _promoted(tried, kept, as_of)
    return _rejected(tried, kept, as_of, limits)


def _is_due(kept: Standing, as_of: date, limits: Limits) -> bool:
    if kept.challenged_on is None:
        return True
    return (as_of - kept.challenged_on).days >= limits["refit_after_days"]


def _promoted(tried: Challenge, kept: Standing, as_of: date) -> Standing:
    return Standing(
        model=tried.model,
        definition=kept.definition,
        fitted_on=as_of,
        challenged_on=as_of,
        fitted_customers=tried.customers,
        metrics=tried.rows(tried.metrics),
    )


def _rejected(
    tried: Challenge, kept: Standing, as_of: date, limits: Limits
) -> tuple[str, Standing]:
    """The champion stays while it is fit itself, with the figures of these rows."""
    stays = replace(kept, challenged_on=as_of, reason=tried.objection)
    if kept.model is None:
        return "none", stays
    if failed := unfit(kept.model, tried.champion_metrics, limits):
        reason = f"the model of {kept.fitted_on} no longer does: {failed}"
        nobody = Standing(
            definition=kept.definition, challenged_on=as_of, reason=reason
        )
        return "none", nobody
    return "rejected", replace(stays, metrics=tried.rows(tried.champion_metrics))
