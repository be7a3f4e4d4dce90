"""Landing to raw."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.partitions import NIGHTS, ONE_BY_ONE, OWNERS
from dagster_project.defs.tables import describe
from dagster_project.ingest.outcome import IngestResult
from dagster_project.night import Night

FEEDS = {
    "web_events": "One row per delivered web or app event.",
    "survey_responses": "One row per delivered survey answer.",
    "billing_customers": "One row per delivered version of a billing customer.",
    "subscriptions": "One row per delivered version of a subscription period.",
    "invoice_lines": "One row per delivered invoice line.",
    "payments": "One row per delivered version of a payment.",
    "pii": "Clear e-mail and phone with their hashes. Read by customer_pii alone.",
}


def _spec(schema: str, name: str, text: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        [schema, name],
        description=text,
        group_name="ingest",
        owners=OWNERS,
        kinds={"duckdb", "parquet"},
    )


SPECS = [_spec("raw", feed, text) for feed, text in FEEDS.items()] + [
    _spec("night", "control", "What tonight is: as-of dates, files, touched dates."),
    _spec("release", "predecessor", "The last accepted release of an earlier night."),
]


@dg.multi_asset(
    name="ingest",
    specs=SPECS,
    partitions_def=NIGHTS,
    backfill_policy=ONE_BY_ONE,
    can_subset=False,
)
def ingest(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult]:
    """Bring new deliveries into raw and lay out what tonight is."""
    result = night.ingest()
    with night.work() as connection:
        for spec in SPECS:
            schema, name = spec.key.path
            metadata = (
                describe(connection, f"raw.{name}") | _files(result, name)
                if schema == "raw"
                else {}
            )
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)


def _files(result: IngestResult, feed: str) -> dict[str, dg.MetadataValue]:
    files = [f for f in result.files if f.row.feed == feed]
    new = [f for f in files if f.is_new]
    lines = "\n".join(f"- {outcome}" for outcome in new) or "nothing new"
    return {
        "files": dg.MetadataValue.int(len(files)),
        "new files": dg.MetadataValue.int(len(new)),
        "quarantined": dg.MetadataValue.int(sum(f.row.quarantined for f in new)),
        "rejected files": dg.MetadataValue.int(
            sum(f.row.status == "rejected" for f in files)
        ),
        "what arrived": dg.MetadataValue.md(lines),
    }


@dg.definitions
def ingest_stage() -> dg.Definitions:
    """The assets of the stage."""
    return dg.Definitions(assets=[ingest])
