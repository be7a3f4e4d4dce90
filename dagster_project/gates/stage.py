"""The gates in the order of a night: promise every check, run them, judge."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import duckdb

from dagster_project.errors import NightHeld
from dagster_project.gates.checks import CheckResult, ExpectedCheck
from dagster_project.gates.drift import check_drift, expected_drift
from dagster_project.gates.drift_spec import load_drift
from dagster_project.gates.layout_drift import check_layouts, expected_layouts
from dagster_project.gates.reconciliation import expected_reconciliation, reconcile
from dagster_project.gates.results import begin, expect, record
from dagster_project.gates.suite_spec import SuiteSpec, load_suites
from dagster_project.gates.suites import run_suite
from dagster_project.gates.verdict import Verdict, verdict
from dagster_project.gates.waivers import Waiver, waivers_in_force
from dagster_project.settings import Settings
from dagster_project.transform import NodeResult, TestNode


def promise(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    tests: Sequence[TestNode],
    models: Iterable[str],
    feeds: Iterable[str],
    dated_tables: Sequence[str],
) -> None:
    """Forget earlier results and write down every check that the night must answer."""
    begin(connection)
    suites = [check for suite in load_suites(folder) for check in suite.expected_checks]
    dbt = [ExpectedCheck("dbt", t.name, t.table, t.severity) for t in tests]
    expect(connection, suites + dbt + expected_reconciliation(dated_tables))
    expect(connection, expected_drift(load_drift(folder), models, feeds))
    expect(connection, expected_layouts(connection))


def run_suites(
    connection: duckdb.DuckDBPyConnection, suites: Iterable[SuiteSpec]
) -> list[CheckResult]:
    """Run suites of expectations and keep their results."""
    results = [result for suite in suites for result in run_suite(connection, suite)]
    record(connection, results)
    return results


def record_tests(
    connection: duckdb.DuckDBPyConnection,
    nodes: Iterable[NodeResult],
    tests: Sequence[TestNode],
) -> list[CheckResult]:
    """Keep the results of dbt's data tests."""
    by_id = {test.unique_id: test for test in tests}
    results = [
        _as_check(by_id[node.unique_id], node)
        for node in nodes
        if node.unique_id in by_id and node.status != "skipped"
    ]
    record(connection, results)
    return results


def check_night(
    connection: duckdb.DuckDBPyConnection, folder: Path, dated_tables: Sequence[str]
) -> list[CheckResult]:
    """Compare tonight's tables with each other and with the last accepted release."""
    results = reconcile(connection, dated_tables)
    results += check_drift(connection, load_drift(folder))
    results += check_layouts(connection)
    record(connection, results)
    return results


def judge(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date
) -> Verdict:
    """Whether the night may be published, with the waivers in force."""
    return verdict(connection, waivers_in_force(settings, as_of))


def covering(waivers: Iterable[Waiver], result: CheckResult) -> Waiver | None:
    """The waiver that accepts this failure, if any."""
    names = {result.check_name, f"{result.table_name}.{result.check_name}"}
    return next((waiver for waiver in waivers if waiver.check in names), None)


def accepted_tests(
    tests: Iterable[TestNode], waivers: Iterable[Waiver]
) -> list[TestNode]:
    """The data tests of dbt whose failure somebody accepted."""
    accepted = {waiver.check for waiver in waivers}
    return [t for t in tests if accepted & {t.name, f"{t.table}.{t.name}"}]


def stop_if_broken(results: Iterable[CheckResult], waivers: Sequence[Waiver]) -> None:
    """Hold the night when a critical check failed that nobody accepted.

    Raises NightHeld naming each.
    """
    broken = [
        f"{r.table_name} {r.check_name}: {r.observed}; expected {r.expected}. {r.why}"
        for r in results
        if not r.passed and r.severity == "critical" and not covering(waivers, r)
    ]
    if broken:
        raise NightHeld("\n".join(broken))


def _as_check(test: TestNode, node: NodeResult) -> CheckResult:
    passed = node.status == "pass"
    return CheckResult(
        check_name=test.name,
        tool="dbt",
        table_name=test.table,
        column_name=test.column,
        severity=test.severity,
        passed=passed,
        observed="no rows" if passed else f"{node.failures} rows: {node.message}",
        expected="no rows",
        failing_rows=node.failures,
        sample_keys="",
        why=test.why,
    )
