"""The models that are fitted to customers: value and risk, as plain numbers.

Reads `features.customer_states`; the dbt models of the group `scores` read what is
written here. Nothing at customer grain passes through Python.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb

from dagster_project.features.churn_champion import fit_churn
from dagster_project.features.value_scores import fit_value

Decision = dict[str, Any]
Fit = Callable[[duckdb.DuckDBPyConnection, date], list[Decision]]

# One row per number of a fitted model. `kind`: parameter (decides a score), metric (how
# good the model was on what it had not seen), state (what kept it from being fitted).
SCORE_MODELS = """
create or replace table scores.score_models (
    model varchar, champion_id varchar, status varchar, fitted_on date,
    challenged_on date, fitted_customers bigint, kind varchar, name varchar,
    value double, note varchar
)
"""

FITS: tuple[Fit, ...] = (fit_value, fit_churn)


def score(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Decision]:
    """Write every table of the schema `scores`; returns what was decided per model."""
    connection.execute("create schema if not exists scores")
    connection.execute(SCORE_MODELS)
    return [decision for fit in FITS for decision in fit(connection, as_of)]
