"""Every suite of expectations as asset checks, and the gate in front of publish."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.checks import as_asset_check, asset_key
from dagster_project.defs.partitions import NIGHTS, ONE_BY_ONE, OWNERS
from dagster_project.gates.suite_spec import SuiteSpec, load_suites
from dagster_project.night import Night
from dagster_project.settings import load_settings
from dagster_project.tonight import DATED


def suite_check(suite: SuiteSpec) -> dg.AssetChecksDefinition:
    """One step for one table, one check for each expectation.

    Every check is waited for; only a failed critical one stops what comes after.
    """

    @dg.multi_asset_check(
        name=f"expectations__{suite.schema_name}__{suite.table}",
        specs=[
            dg.AssetCheckSpec(
                expectation.check_name,
                asset=asset_key(suite.table_name),
                blocking=True,
                description=expectation.meta.why,
            )
            for expectation in suite.expectations
        ],
    )
    def check(night: dg.ResourceParam[Night]) -> Iterator[dg.AssetCheckResult]:
        for result in night.check_suites(suite.table_name):
            yield as_asset_check(result, night.waivers)

    return check


@dg.asset(
    key=["gates", "data_quality_results"],
    deps=[asset_key(table) for table in DATED],
    group_name="gates",
    owners=OWNERS,
    kinds={"python", "duckdb"},
    partitions_def=NIGHTS,
    backfill_policy=ONE_BY_ONE,
)
def data_quality_results(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
    """One row per check of the night; holds it when a critical one failed."""
    results = night.check_night()
    failed = [result for result in results if not result.passed]
    night.stop_if_broken(results)
    rows = "\n".join(
        f"| {r.table_name} | {r.check_name} | {r.severity} | {r.observed} |"
        for r in failed
    )
    table = f"| table | check | severity | observed |\n|---|---|---|---|\n{rows}"
    return dg.MaterializeResult(
        metadata={
            "checks": len(results),
            "failed": len(failed),
            "what failed": dg.MetadataValue.md(table if failed else "nothing"),
        }
    )


@dg.definitions
def gates_stage() -> dg.Definitions:
    """The checks and the gate."""
    folder = load_settings().declaration_folder("expectations")
    return dg.Definitions(
        assets=[data_quality_results],
        asset_checks=[suite_check(suite) for suite in load_suites(folder)],
    )
