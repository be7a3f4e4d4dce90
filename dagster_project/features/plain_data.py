"""The dbt models on tables that a caller brings, in an engine of their own.

What a night keeps stays out of here: nothing is read but the models and the seeds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import yaml

from dagster_project.features.rendering import render_model
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect, identifier, literal


@contextmanager
def plain_night(as_of: date, **tables: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with a night of that date and the tables, by their names.

    A table is anything that DuckDB reads: pandas, Arrow, a relation of its own.
    """
    connection = connect()
    try:
        connection.execute(
            "create table control as select ?::date as as_of_date, "
            "null::varchar as reporting_currency",
            [as_of],
        )
        connection.execute(
            "create table as_of_dates as "
            "select as_of_date, true as is_tonight from control"
        )
        for name, table in tables.items():
            connection.register(name, table)
        yield connection
    finally:
        connection.close()


def load_seeds(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Make the named seeds with the types that the project gives them."""
    declared = yaml.safe_load((PROJECT / "seeds" / "seeds.yml").read_text("utf-8"))
    types = {seed["name"]: seed["config"]["column_types"] for seed in declared["seeds"]}
    for name in names:
        columns = ", ".join(
            f"{literal(column)}: {literal(kind)}"
            for column, kind in types[name].items()
        )
        connection.execute(
            f"create or replace table {identifier(name)} as select * from read_csv("
            f"{literal(PROJECT / 'seeds' / f'{name}.csv')}, header = true, "
            f"columns = {{{columns}}})"
        )


def build_models(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Make one table per model, in the given order, with the SQL of the project."""
    for name in names:
        connection.execute(
            f"create or replace table {identifier(name)} as {render_model(name)}"
        )
