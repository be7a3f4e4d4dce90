"""Features to segments."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.partitions import NIGHTS, ONE_BY_ONE, OWNERS
from dagster_project.defs.tables import describe
from dagster_project.night import Night

TABLES = {
    "assignments": "One row per customer, as-of date and model: the segment and why.",
    "previous_rule_assignments": "Yesterday's rules on tonight's features.",
    "registry": "One row per declared segment.",
    "cluster_models": "One row per model, cluster and feature of tonight's champions.",
}
SPECS = [
    dg.AssetSpec(
        ["segmentation", name],
        description=text,
        deps=[["features", "customer_features"], ["release", "predecessor"]],
        group_name="segmentation",
        owners=OWNERS,
        kinds={"python", "duckdb"},
    )
    for name, text in TABLES.items()
]


@dg.multi_asset(
    name="segmentation",
    specs=SPECS,
    partitions_def=NIGHTS,
    backfill_policy=ONE_BY_ONE,
    can_subset=False,
)
def segmentation(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult]:
    """Assign every customer to a segment of every model."""
    decisions = night.segment()
    with night.work() as connection:
        for spec in SPECS:
            name = spec.key.path[1]
            metadata = describe(connection, f"segmentation.{name}")
            if name == "cluster_models":
                metadata["decisions"] = dg.MetadataValue.json(
                    [{k: str(v) for k, v in d.items()} for d in decisions]
                )
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)


@dg.definitions
def segmentation_stage() -> dg.Definitions:
    """The assets of the stage."""
    return dg.Definitions(assets=[segmentation])
