"""The tables of the current release, as the commands read them.

Nothing is written to a release.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.errors import UsageError
from dagster_project.publish.catalogue import Release
from dagster_project.publish.durable import readable_errors
from dagster_project.publish.pointer import current_release
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, identifier, literal

RELEASED = "released"


def current_or_refuse(settings: Settings) -> Release:
    """The current release.

    Raises UsageError before the first night.
    """
    release = current_release(settings)
    if release is None:
        raise UsageError(
            f"{settings.home} has no release yet: `segments run` makes the first"
        )
    return release


@contextmanager
def open_release(release: Release) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a release under their own names, read-only."""
    with connect() as connection:
        attach(connection, release.database, RELEASED)
        connection.execute(f"use {RELEASED}")
        yield connection


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Mount a database file read-only, whatever its file is called.

    Raises SegmentsError when it cannot be opened.
    """
    with readable_errors(f"opening {path}"):
        connection.execute(f"attach {literal(path)} as {identifier(name)} (read_only)")


def has_table(
    connection: duckdb.DuckDBPyConnection, catalog: str, schema: str, name: str
) -> bool:
    """Whether a mounted database has a table or view of that name."""
    found = connection.execute(
        "select 1 from information_schema.tables "
        "where table_catalog = ? and table_schema = ? and table_name = ?",
        [catalog, schema, name],
    )
    return found.fetchone() is not None


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, *values: object
) -> list[dict[str, Any]]:
    """The rows of a query by column name."""
    found = connection.execute(query, list(values))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
