"""What a check says, whatever tool ran it. Runs no check itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from dagster_project.errors import SegmentsError

Severity = Literal["critical", "warning"]
Tool = Literal["great_expectations", "dbt", "reconciliation", "drift"]

SAMPLES = 5


class GateError(SegmentsError):
    """A check could not be carried out, which says nothing about the data."""


@dataclass(frozen=True)
class ExpectedCheck:
    """A check that must have a result before the night may be published."""

    tool: Tool
    check_name: str
    table_name: str
    severity: Severity


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check on tonight's data."""

    check_name: str
    tool: Tool
    table_name: str
    column_name: str | None
    severity: Severity
    passed: bool
    observed: str
    expected: str
    failing_rows: int | None
    sample_keys: str
    why: str

    @property
    def as_expected_check(self) -> ExpectedCheck:
        """The promise that this result keeps."""
        return ExpectedCheck(self.tool, self.check_name, self.table_name, self.severity)


def missing_tables(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[str]
) -> list[str]:
    """Those of the tables (`schema.table`) that the night has not made."""
    known = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where database_name = current_database()"
        " union all select schema_name || '.' || view_name from duckdb_views()"
        " where database_name = current_database()"
    ).fetchall()
    return sorted(set(tables) - {name for (name,) in known})


def failing_rows(
    connection: duckdb.DuckDBPyConnection, check_name: str, sql: str
) -> tuple[int, str]:
    """How many rows a query of wrong rows returns, and the first of them as text.

    Raises GateError when the query cannot run.
    """
    try:
        counted = connection.execute(f"select count(*) from ({sql})").fetchone()
        if not counted or not counted[0]:
            return 0, ""
        sample = connection.execute(
            f"select * from ({sql}) order by all limit {SAMPLES}"
        )
        names = [column[0] for column in sample.description or []]
        return int(counted[0]), as_text(names, sample.fetchall())
    except duckdb.Error as error:
        raise GateError(f"check {check_name} could not run: {error}") from error


def as_text(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows on one line: `customer_id=c1, model=nps; customer_id=c2, model=nps`."""
    return "; ".join(
        ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
        for row in rows
    )
