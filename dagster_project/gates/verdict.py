"""Decides from the gate rows whether a night may be published."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from dagster_project.gates.checks import missing_tables
from dagster_project.gates.waivers import Waiver

GATE_TABLES = ("night.check_results", "night.expected_checks")

FAILED = """
select severity, table_name, check_name, observed, expected, why, waived_by
from night.check_results
where not passed
order by tool, table_name, check_name
"""

MISSING = """
select table_name, check_name, tool
from night.expected_checks
anti join night.check_results using (tool, check_name, table_name)
order by tool, table_name, check_name
"""


@dataclass(frozen=True)
class Verdict:
    """Whether the night may be published, and what a reader should know."""

    passed: bool
    reasons: list[str]
    warnings: list[str]


def verdict(
    connection: duckdb.DuckDBPyConnection, waivers: Iterable[Waiver] = ()
) -> Verdict:
    """Read every gate row of tonight.

    Refuses a critical failure that no waiver covers, an expected check without a
    result (which cannot be waived: nobody knows what it would have said) and a night
    on which nothing was checked. `waivers` are those in force tonight; what they
    cover is written into the rows.
    """
    if missing_tables(connection, GATE_TABLES) or not _any_expected(connection):
        return Verdict(False, ["no gate has run on this night"], [])
    _note_waivers(connection, list(waivers))
    reasons, warnings = [], []
    for (
        severity,
        table,
        check,
        observed,
        expected,
        why,
        waived_by,
    ) in connection.execute(FAILED).fetchall():
        line = f"{table} {check}: {observed}; expected {expected}. {why}"
        if waived_by:
            warnings.append(f"{line} (waived: {waived_by})")
        elif severity == "critical":
            reasons.append(line)
        else:
            warnings.append(line)
    for table, check, tool in connection.execute(MISSING).fetchall():
        reasons.append(f"missing result for {table} {check} ({tool})")
    return Verdict(not reasons, reasons, warnings)


def _any_expected(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("select 1 from night.expected_checks limit 1")
    return found.fetchone() is not None


def _note_waivers(connection: duckdb.DuckDBPyConnection, waivers: list[Waiver]) -> None:
    connection.execute("update night.check_results set waived_by = null")
    for waiver in waivers:
        connection.execute(
            "update night.check_results set waived_by = $text"
            " where not passed"
            " and $check in (check_name, table_name || '.' || check_name)",
            {"text": waiver.text, "check": waiver.check},
        )
