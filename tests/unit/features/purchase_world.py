"""Purchases and contracts in a database in memory, through the SQL of the models.

Only what several tests of value need; no tests and no expectations here.
"""

from datetime import date
from typing import Any

import duckdb

from dagster_project.features.rendering import render_model
from dagster_project.features.scoring import SCORE_MODELS
from dagster_project.settings import REPOSITORY

SEARCHED = "main,seeds,night,features,scores"
THRESHOLDS = REPOSITORY / "dbt" / "seeds" / "thresholds.csv"


def empty_world(as_of: date) -> duckdb.DuckDBPyConnection:
    """A night without customers; what models read lies in one schema each."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for schema in ("features", "scores", "release", "seeds", "night"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        f"create table seeds.thresholds as from read_csv('{THRESHOLDS}', "
        "types = {'value': 'decimal(18, 4)'})"
    )
    connection.execute(
        "create table night.control as "
        f"select date '{as_of}' as as_of_date, 'EUR' as reporting_currency"
    )
    connection.execute(SCORE_MODELS)
    connection.execute(SCORE_MODELS.replace("scores.", "release."))
    connection.execute(
        "create table int_customers__invoice_lines "
        "(customer_id varchar, invoiced_on date, kind varchar, amount decimal(18, 2))"
    )
    connection.execute(
        "create table int_customers__subscriptions (customer_id varchar, "
        "starts_on date, ends_on date, monthly_amount decimal(18, 2))"
    )
    connection.execute(f"set search_path = '{SEARCHED}'")
    return connection


def build(connection: duckdb.DuckDBPyConnection, *models: str) -> None:
    """Build some models from their own SQL."""
    for name in models:
        connection.execute(
            f"create or replace table features.{name} as {render_model(name)}"
        )


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """The rows of a query by column name."""
    found = connection.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]
