"""One agreement between tables of tonight, and how it is checked."""

from dataclasses import dataclass

import duckdb

from dagster_project.gates.checks import (
    CheckResult,
    Severity,
    failing_rows,
    missing_tables,
)


@dataclass(frozen=True)
class Agreement:
    """A query that returns the rows that contradict each other."""

    table: str
    sql: str
    why: str
    needs: tuple[str, ...] = ()
    severity: Severity = "critical"


def check_agreement(
    connection: duckdb.DuckDBPyConnection, name: str, agreement: Agreement
) -> CheckResult:
    """Count the contradictions; a missing table is one."""
    missing = missing_tables(connection, (agreement.table, *agreement.needs))
    failing: int | None = None
    sample = ""
    if not missing:
        failing, sample = failing_rows(connection, name, agreement.sql)
    return CheckResult(
        check_name=name,
        tool="reconciliation",
        table_name=agreement.table,
        column_name=None,
        severity=agreement.severity,
        passed=failing == 0,
        observed=_observed(agreement, missing, failing, sample),
        expected="0 wrong",
        failing_rows=failing,
        sample_keys=sample,
        why=agreement.why,
    )


def _observed(
    agreement: Agreement, missing: list[str], failing: int | None, sample: str
) -> str:
    if missing:
        return f"missing: {', '.join(missing)}"
    # The log outlives every erasure: it may name a delivery, never a customer.
    is_of_deliveries = agreement.table.startswith("night.")
    return f"{failing} wrong" + (f": {sample}" if failing and is_of_deliveries else "")
