"""Reads what Great Expectations answered into our own words."""

from typing import Any

import duckdb

from dagster_project.gates.checks import CheckResult, failing_rows
from dagster_project.gates.expectation_spec import ExpectationSpec
from dagster_project.gates.expectation_types import ROWS_EXPECTATION
from dagster_project.gates.suite_spec import SuiteSpec
from dagster_project.warehouse import identifier


def failed_by_exception(result: Any) -> str | None:
    """The message of an expectation that raised, which reports itself as failed."""
    info = result.exception_info or {}
    nested = [info] if "raised_exception" in info else list(info.values())
    raised = [item for item in nested if item.get("raised_exception")]
    return str(raised[0].get("exception_message")) if raised else None


def read_result(
    connection: duckdb.DuckDBPyConnection,
    suite: SuiteSpec,
    spec: ExpectationSpec,
    result: Any,
) -> CheckResult:
    """One answer of Great Expectations as a check result."""
    values = dict(result.result)
    failing, sample = values.get("unexpected_count"), _sample(values)
    if spec.type == ROWS_EXPECTATION:
        failing = int(values["observed_value"])
        sample = "" if result.success else _wrong_rows(connection, suite, spec)
    return CheckResult(
        check_name=spec.check_name,
        tool="great_expectations",
        table_name=suite.table_name,
        column_name=", ".join(spec.columns) or None,
        severity=spec.severity,
        passed=bool(result.success),
        observed=_observed(values, failing),
        expected=expected_text(spec),
        failing_rows=failing if failing is None else int(failing),
        sample_keys="" if result.success else sample,
        why=spec.meta.why,
    )


def expected_text(spec: ExpectationSpec) -> str:
    """What the expectation asks for: `between 0 and 5, mostly=0.99`."""
    left = {k: v for k, v in spec.kwargs.items() if k not in spec.kind.columns}
    if spec.type == ROWS_EXPECTATION:
        return "no wrong rows"
    limits = _limits(left.pop("min_value", None), left.pop("max_value", None))
    subject = "" if spec.kind.short == "between" else spec.kind.short
    words = f"{subject.replace('_', ' ')} {limits}".strip()
    return ", ".join([words, *(f"{name}={value}" for name, value in left.items())])


def _limits(low: object, high: object) -> str:
    if low is None:
        return "" if high is None else f"at most {high}"
    return f"at least {low}" if high is None else f"between {low} and {high}"


def _observed(values: dict[str, Any], failing: Any) -> str:
    if values.get("observed_value") is not None:
        return str(values["observed_value"])
    of = f" of {values['element_count']}" if "element_count" in values else ""
    return f"{failing or 0}{of} wrong"


def _sample(values: dict[str, Any]) -> str:
    rows = values.get("partial_unexpected_index_list")
    rows = rows or values.get("partial_unexpected_list") or []
    shown = sorted(
        ", ".join(f"{k}={v}" for k, v in row.items())
        if isinstance(row, dict)
        else str(row)
        for row in rows
    )
    return "; ".join(shown)


def _wrong_rows(
    connection: duckdb.DuckDBPyConnection, suite: SuiteSpec, spec: ExpectationSpec
) -> str:
    table = ".".join(identifier(name) for name in suite.batch)
    query = str(spec.kwargs["unexpected_rows_query"]).replace("{batch}", table)
    return failing_rows(connection, spec.check_name, query)[1]
