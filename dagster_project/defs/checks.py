"""Results of gates as Dagster's asset check results."""

from collections.abc import Sequence

import dagster as dg

from dagster_project.gates.checks import CheckResult
from dagster_project.gates.stage import covering
from dagster_project.gates.waivers import Waiver


def asset_key(table: str) -> dg.AssetKey:
    """The asset of `schema.table`."""
    return dg.AssetKey(table.split("."))


def as_asset_check(
    result: CheckResult, waivers: Sequence[Waiver]
) -> dg.AssetCheckResult:
    """Critical blocks; a warning and a failure that somebody accepted report."""
    waiver = covering(waivers, result)
    blocks = result.severity == "critical" and waiver is None
    metadata = {
        "observed": result.observed,
        "expected": result.expected,
        "failing rows": result.failing_rows,
        "sample": result.sample_keys,
        "why": result.why,
        "waived by": waiver.text if waiver else None,
    }
    return dg.AssetCheckResult(
        asset_key=asset_key(result.table_name),
        check_name=result.check_name,
        passed=result.passed,
        severity=(
            dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN
        ),
        metadata={k: v for k, v in metadata.items() if v not in (None, "")},
    )
