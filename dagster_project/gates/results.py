"""The gate rows of a night: what had to be checked, what came out.

Lives in `night.expected_checks` and `night.check_results`; publish reads nothing else.
"""

from collections.abc import Iterable
from dataclasses import astuple, fields

import duckdb
import pyarrow as pa

from dagster_project.gates.checks import CheckResult, ExpectedCheck

RESULT_COLUMNS = tuple(field.name for field in fields(CheckResult))
KEY = ("tool", "check_name", "table_name")

TABLES = """
create schema if not exists night;
create table if not exists night.expected_checks (
    tool varchar not null, check_name varchar not null,
    table_name varchar not null, severity varchar not null
);
create table if not exists night.check_results (
    check_name varchar not null, tool varchar not null, table_name varchar not null,
    column_name varchar, severity varchar not null, passed boolean not null,
    observed varchar, expected varchar, failing_rows bigint, sample_keys varchar,
    why varchar, stage varchar not null, waived_by varchar
);
"""


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget every earlier result: called once when a night starts afresh."""
    _make_tables(connection)
    connection.execute("delete from night.expected_checks")
    connection.execute("delete from night.check_results")


def expect(
    connection: duckdb.DuckDBPyConnection, checks: Iterable[ExpectedCheck]
) -> None:
    """Promise results: a night with one missing is not published."""
    _make_tables(connection)
    rows = [astuple(check) for check in checks]
    _replace(connection, "expected_checks", (*KEY, "severity"), rows, (0, 1, 2))


def record(
    connection: duckdb.DuckDBPyConnection,
    results: Iterable[CheckResult],
    stage: str = "gates",
) -> None:
    """Keep results; a later result of the same check replaces the earlier one."""
    _make_tables(connection)
    rows = [(*astuple(result), stage) for result in results]
    keys = tuple(RESULT_COLUMNS.index(name) for name in KEY)
    _replace(connection, "check_results", (*RESULT_COLUMNS, "stage"), rows, keys)


def _make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(TABLES)


def _replace(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: tuple[str, ...],
    rows: list[tuple[object, ...]],
    keys: tuple[int, ...],
) -> None:
    if not rows:
        return
    values = [pa.array(column) for column in zip(*rows, strict=True)]
    connection.register("incoming", pa.table(values, names=list(columns)))
    key = ", ".join(columns[place] for place in keys)
    connection.execute(
        f"delete from night.{table} where ({', '.join(KEY)}) in "
        f"(select ({key}) from incoming)"
    )
    listed = ", ".join(columns)
    connection.execute(f"insert into night.{table} ({listed}) from incoming")
    connection.unregister("incoming")
