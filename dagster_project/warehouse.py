"""The only place that opens the engine."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.settings import Settings

# An extension that is not built in would be fetched from the network in mid-query.
OFFLINE = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def connect(
    path: Path | None = None, settings: Settings | None = None, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or memory without one.

    All connections of one process to one file must be opened with the same options.
    Times are UTC: a timestamp prints the same on every machine.
    """
    connection = duckdb.connect(
        str(path) if path else ":memory:", read_only=read_only, config=dict(OFFLINE)
    )
    connection.execute("set TimeZone = 'UTC'")
    if settings:
        connection.execute(f"set memory_limit = '{settings.memory_limit}'")
        connection.execute(f"set threads = {settings.threads}")
        spill = settings.home / "work" / "spill"
        connection.execute(f"set temp_directory = {literal(spill)}")
    return connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the statements or none; one commit is also cheaper than hundreds."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def literal(value: object) -> str:
    """A value as a SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def parquet_list(paths: Iterable[Path]) -> str:
    """The list argument of `read_parquet`, in a fixed order."""
    return "[" + ", ".join(literal(path) for path in sorted(paths)) + "]"
