"""Checks that tonight's tables agree with each other: each is a query of wrong rows."""

from collections.abc import Sequence

import duckdb

from dagster_project.gates.agreement import Agreement, check_agreement
from dagster_project.gates.checks import CheckResult, ExpectedCheck
from dagster_project.gates.delivery_agreements import DELIVERY_AGREEMENTS
from dagster_project.gates.money_agreements import MONEY_AGREEMENTS
from dagster_project.gates.segment_agreements import SEGMENT_AGREEMENTS

AGREEMENTS: dict[str, Agreement] = {
    **DELIVERY_AGREEMENTS,
    **SEGMENT_AGREEMENTS,
    **MONEY_AGREEMENTS,
}


def reconcile(
    connection: duckdb.DuckDBPyConnection, dated_tables: Sequence[str] = ()
) -> list[CheckResult]:
    """Compare tonight's tables; `dated_tables` must carry tonight's as_of_date alone.

    A table that the night has not made fails the checks that need it. Raises
    GateError when a query cannot run.
    """
    results = [check_agreement(connection, name, a) for name, a in AGREEMENTS.items()]
    dated = [(CARRIES_TONIGHT, carries_tonight(table)) for table in dated_tables]
    return results + [check_agreement(connection, name, a) for name, a in dated]


def expected_reconciliation(dated_tables: Sequence[str] = ()) -> list[ExpectedCheck]:
    """The checks that `reconcile` promises."""
    named = [(name, a.table, a.severity) for name, a in AGREEMENTS.items()]
    named += [(CARRIES_TONIGHT, table, "critical") for table in dated_tables]
    return [ExpectedCheck("reconciliation", *check) for check in named]


CARRIES_TONIGHT = "carries_tonight"


def carries_tonight(table: str) -> Agreement:
    """Every row of the table is of tonight."""
    return Agreement(
        table=table,
        needs=("night.control",),
        sql=f"""
            select as_of_date, count(*) as wrong_rows
            from {table}
            where as_of_date is distinct from
                (select control.as_of_date from night.control as control)
            group by as_of_date
        """,
        why="A table that dbt skipped would still hold an earlier night.",
    )
