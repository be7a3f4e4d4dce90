"""The metrics that may be bound in `expectations/drift.yml`, by name."""

from collections.abc import Callable

import duckdb

from dagster_project.gates.amount_drift import (
    measure_amount_scale,
    measure_largest_line,
)
from dagster_project.gates.base_drift import (
    SCORES,
    TOTALS,
    measure_score,
    measure_total,
)
from dagster_project.gates.measure import Measure
from dagster_project.gates.segment_drift import measure_segment_mix
from dagster_project.gates.volume_drift import (
    measure_quarantine_share,
    measure_rows_per_day,
    measure_snapshot_rows,
)

Metric = Callable[[duckdb.DuckDBPyConnection, float], list[Measure]]


def _total(name: str) -> Metric:
    return lambda connection, at_least: [measure_total(connection, name)]


def _score(name: str) -> Metric:
    return lambda connection, at_least: [measure_score(connection, name)]


METRICS: dict[str, Metric] = {
    **{name: _total(name) for name in TOTALS},
    **{name: _score(name) for name in SCORES},
    "segment_mix": measure_segment_mix,
    "rows_per_day": measure_rows_per_day,
    "snapshot_rows": measure_snapshot_rows,
    "quarantine_share": measure_quarantine_share,
    "amount_scale": measure_amount_scale,
    "largest_line": measure_largest_line,
}
