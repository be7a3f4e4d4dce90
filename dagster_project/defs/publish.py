"""The release."""

import dagster as dg

from dagster_project.defs.partitions import NIGHTS, ONE_BY_ONE, OWNERS
from dagster_project.night import Night

# About the night, not about customers: the gate does not look at them.
ALSO_PUBLISHED = (
    "customer_features_monthly",
    "source_files",
    "source_freshness",
    "source_profiles",
    "schema_drift",
    "quarantine_rows",
)


@dg.asset(
    key=["publish", "release"],
    deps=[
        ["gates", "data_quality_results"],
        *(["marts", name] for name in ALSO_PUBLISHED),
    ],
    group_name="publish",
    owners=OWNERS,
    kinds={"python", "parquet", "duckdb"},
    partitions_def=NIGHTS,
    backfill_policy=ONE_BY_ONE,
)
def release(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
    """One immutable folder with every published table; what BI reads."""
    published = night.publish()
    tables = published.manifest["tables"]
    return dg.MaterializeResult(
        metadata={
            "release": published.release_id,
            "folder": dg.MetadataValue.path(published.folder),
            "report": dg.MetadataValue.url(published.report.as_uri()),
            "content hash": published.content_hash,
            "customers": tables["customer_features"]["rows"],
            "rows": sum(table["rows"] for table in tables.values()),
        }
    )


@dg.definitions
def publish_stage() -> dg.Definitions:
    """The asset of the stage."""
    return dg.Definitions(assets=[release])
