"""Checks how far tonight is from the last accepted release and the usual delivery."""

import math
from collections.abc import Iterable, Iterator

import duckdb

from dagster_project.gates.amount_drift import LINES
from dagster_project.gates.base_drift import TONIGHT
from dagster_project.gates.checks import (
    CheckResult,
    ExpectedCheck,
    GateError,
    Severity,
)
from dagster_project.gates.drift_metrics import METRICS
from dagster_project.gates.drift_spec import DriftBound, DriftSpec
from dagster_project.gates.measure import Measure
from dagster_project.gates.segment_drift import SEGMENTS
from dagster_project.gates.volume_drift import DATED_FEEDS


def check_drift(
    connection: duckdb.DuckDBPyConnection, spec: DriftSpec
) -> list[CheckResult]:
    """Measure every bound metric.

    Without a baseline (first night, new model, new column) a check passes and says
    so. Raises GateError when a measure cannot be taken.
    """
    results = []
    for bound in spec.metrics:
        try:
            measures = METRICS[bound.metric](connection, bound.at_least)
        except duckdb.Error as error:
            raise GateError(f"drift of {bound.metric}: {error}") from error
        results += [_judge(bound, measure) for measure in measures]
    return results


def expected_drift(
    spec: DriftSpec, models: Iterable[str], feeds: Iterable[str]
) -> list[ExpectedCheck]:
    """The checks that `check_drift` promises for these models and feeds."""
    models, feeds = list(models), list(feeds)
    return [
        ExpectedCheck("drift", name, table, bound.severity)
        for bound in spec.metrics
        for name, table in _named(bound.metric, models, feeds)
    ]


def _named(
    metric: str, models: list[str], feeds: list[str]
) -> Iterator[tuple[str, str]]:
    match metric:
        case "segment_mix":
            yield from ((_check_name(metric, model), SEGMENTS) for model in models)
        case "quarantine_share" | "snapshot_rows":
            yield from ((metric, f"raw.{feed}") for feed in feeds)
        case "rows_per_day":
            yield from ((metric, f"raw.{feed}") for feed in DATED_FEEDS)
        case "amount_scale" | "largest_line":
            yield metric, LINES
        case _:
            yield metric, TONIGHT


def _check_name(metric: str, part: str) -> str:
    return f"{metric}__{part}" if part else metric


def _judge(bound: DriftBound, measure: Measure) -> CheckResult:
    passed, severity = _outcome(bound, measure)
    return CheckResult(
        check_name=_check_name(bound.metric, measure.part),
        tool="drift",
        table_name=measure.table,
        column_name=measure.column,
        severity=severity,
        passed=passed,
        observed=_observed(bound, measure),
        expected=_expected(bound, measure),
        failing_rows=None,
        sample_keys="" if passed else measure.sample,
        why=bound.why,
    )


def _outcome(bound: DriftBound, measure: Measure) -> tuple[bool, Severity]:
    if measure.change is None or measure.size < bound.at_least:
        return True, bound.severity
    if bound.critical is not None and measure.change > bound.critical:
        return False, "warning" if measure.excused else "critical"
    if bound.warn is not None and measure.change > bound.warn:
        return False, "warning"
    return True, bound.severity


def _observed(bound: DriftBound, measure: Measure) -> str:
    if measure.change is None:
        return f"{measure.observed}, nothing to compare with"
    if measure.size < bound.at_least:
        return f"{measure.observed}, too few to judge"
    moved = "out of all bounds" if math.isinf(measure.change) else ""
    moved = moved or f"change {round(measure.change, 4):g}"
    excuse = f", {measure.excused}" if measure.excused else ""
    return f"{measure.observed} ({moved}{excuse})"


def _expected(bound: DriftBound, measure: Measure) -> str:
    limits = [
        f"{word} above {limit:g}"
        for word, limit in (("warning", bound.warn), ("held", bound.critical))
        if limit is not None
    ]
    return f"near {measure.baseline or 'the usual'}: {', '.join(limits)}"
