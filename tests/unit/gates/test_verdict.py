from dataclasses import replace
from datetime import date

import pytest

from dagster_project import warehouse
from dagster_project.gates.checks import CheckResult, ExpectedCheck
from dagster_project.gates.results import begin, expect, record
from dagster_project.gates.verdict import verdict
from dagster_project.gates.waivers import Waiver

PASSED = CheckResult(
    check_name="row_count",
    tool="great_expectations",
    table_name="marts.customer_segments",
    column_name=None,
    severity="critical",
    passed=True,
    observed="3",
    expected="at least 1",
    failing_rows=None,
    sample_keys="",
    why="Nobody would be reached.",
)
FAILED = replace(PASSED, passed=False, observed="0")
WAIVER = Waiver(
    "row_count", date(2026, 11, 21), date(2026, 11, 22), "known outage", "ann"
)


@pytest.fixture
def connection():
    with warehouse.connect() as opened:
        yield opened


def test_all_results_there_and_passed_is_a_release(connection):
    expect(connection, [PASSED.as_expected_check])
    record(connection, [PASSED])
    assert verdict(connection).passed


def test_a_critical_failure_holds_and_says_what_and_why(connection):
    expect(connection, [PASSED.as_expected_check])
    record(connection, [FAILED])
    held = verdict(connection)
    assert not held.passed
    assert held.reasons == [
        "marts.customer_segments row_count: 0; expected at least 1."
        " Nobody would be reached."
    ]


def test_a_warning_reports_and_does_not_hold(connection):
    expect(connection, [PASSED.as_expected_check])
    record(connection, [replace(FAILED, severity="warning")])
    warned = verdict(connection)
    assert warned.passed and len(warned.warnings) == 1


def test_a_missing_result_holds_and_cannot_be_waived(connection):
    other = ExpectedCheck("dbt", "unique_customer", "marts.customers", "warning")
    expect(connection, [PASSED.as_expected_check, other])
    record(connection, [PASSED])
    held = verdict(connection, [replace(WAIVER, check="unique_customer")])
    assert held.reasons == ["missing result for marts.customers unique_customer (dbt)"]


def test_a_night_without_any_gate_is_not_published(connection):
    assert verdict(connection).reasons == ["no gate has run on this night"]
    begin(connection)
    record(connection, [PASSED])
    assert not verdict(connection).passed


def test_a_later_result_of_the_same_check_replaces_the_earlier(connection):
    expect(connection, [PASSED.as_expected_check] * 2)
    expect(connection, [PASSED.as_expected_check])
    record(connection, [FAILED], stage="features")
    record(connection, [PASSED], stage="marts")
    assert verdict(connection).passed
    rows = connection.execute("select stage, passed from night.check_results")
    assert rows.fetchall() == [("marts", True)]
    promised = connection.execute("select count(*) from night.expected_checks")
    assert promised.fetchone() == (1,)


def test_a_new_night_forgets_the_results_of_the_last(connection):
    expect(connection, [PASSED.as_expected_check])
    record(connection, [PASSED])
    begin(connection)
    assert not verdict(connection).passed


@pytest.mark.parametrize("name", ["row_count", "marts.customer_segments.row_count"])
def test_a_waived_failure_is_published_with_the_waiver_shown(connection, name):
    expect(connection, [PASSED.as_expected_check])
    record(connection, [FAILED])
    waived = verdict(connection, [replace(WAIVER, check=name)])
    assert waived.passed
    assert "waived: ann until 2026-11-22: known outage" in waived.warnings[0]
    row = connection.execute("select waived_by from night.check_results").fetchone()
    assert row == ("ann until 2026-11-22: known outage",)


def test_a_waiver_of_another_table_waives_nothing(connection):
    expect(connection, [PASSED.as_expected_check])
    record(connection, [FAILED])
    other = replace(WAIVER, check="marts.mrr_movements.row_count")
    assert not verdict(connection, [other]).passed


def test_a_waiver_is_not_noted_on_a_check_that_passed(connection):
    expect(connection, [PASSED.as_expected_check])
    record(connection, [PASSED])
    assert verdict(connection, [WAIVER]).warnings == []
