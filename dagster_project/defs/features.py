"""Staging, identity, features and marts: the dbt project and the step between."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
    dbt_assets,
)

from dagster_project import transform
from dagster_project.defs.checks import as_asset_check
from dagster_project.defs.partitions import NIGHTS, ONE_BY_ONE, OWNERS
from dagster_project.defs.tables import describe
from dagster_project.night import Night
from dagster_project.settings import load_settings

# The tables that a night reads about itself and about its predecessor are one asset
# each: forty arrows less in the lineage.
GROUPS = ("prepare", "features", "scores", "marts")

ONE_ASSET = {
    "night": ["night", "control"],
    "release": ["release", "predecessor"],
    "scores": ["scores", "score_models"],
}


class Translator(DagsterDbtTranslator):
    """Schema and table are the asset key; the dbt group is the stage."""

    def get_asset_key(self, props: Any) -> dg.AssetKey:
        """`schema/table`."""
        if props["resource_type"] == "source":
            source = props["source_name"]
            return dg.AssetKey(ONE_ASSET.get(source, [source, props["name"]]))
        return dg.AssetKey([props["schema"], props["name"]])

    def get_asset_spec(self, manifest: Any, unique_id: str, project: Any) -> Any:
        """With owners and kinds."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(owners=OWNERS, kinds={"dbt", "duckdb"})


TRANSLATOR = Translator(
    DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
)


class Group:
    """One group of dbt models as assets, built in this process."""

    def __init__(self, name: str, manifest: dict[str, Any]) -> None:
        self.name = name
        self.manifest = manifest
        self.project = DbtProject(transform.PROJECT, profiles_dir=transform.PROJECT)
        self.texts = transform.column_texts(manifest)
        self.tables = {
            TRANSLATOR.get_asset_key(node): transform.table_name(node)
            for node in manifest["nodes"].values()
            if node["resource_type"] in {"model", "seed"}
        }

    def assets(self) -> dg.AssetsDefinition:
        """The assets of the group."""

        @dbt_assets(
            manifest=self.manifest,
            project=self.project,
            select=f"group:{self.name}",
            name=f"dbt_{self.name}",
            dagster_dbt_translator=TRANSLATOR,
            partitions_def=NIGHTS,
            backfill_policy=ONE_BY_ONE,
            required_resource_keys={"night"},
        )
        def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
            yield from self._build(context)

        return build

    def _build(self, context: dg.AssetExecutionContext) -> Iterator[Any]:
        night: Night = context.resources.night
        select = None
        if context.is_subset:
            keys = context.selected_asset_keys
            select = sorted(self.tables[key].partition(".")[2] for key in keys)
        nodes, checks = night.build(self.name, select)
        with night.work() as connection:
            for node in nodes:
                if node.kind in {"model", "seed"} and node.status == "success":
                    yield self._materialized(connection, node)
        waivers = night.waivers
        wanted = {(k.asset_key, k.name) for k in context.selected_asset_check_keys}
        for check in checks:
            result = as_asset_check(check, waivers)
            if (result.asset_key, result.check_name) in wanted:
                yield result
        night.stop_if_broken(checks)

    def _materialized(self, connection: Any, node: Any) -> dg.MaterializeResult:
        props = self.manifest["nodes"][node.unique_id]
        metadata = describe(
            connection, transform.table_name(props), self.texts.get(node.name)
        )
        metadata["seconds"] = round(node.seconds, 3)
        return dg.MaterializeResult(
            asset_key=TRANSLATOR.get_asset_key(props), metadata=metadata
        )


@dg.asset(
    key=["identity", "components"],
    deps=[
        ["intermediate", "int_identity__identifiers"],
        ["intermediate", "int_identity__links"],
        ["seeds", "identity_limits"],
        ["seeds", "identity_overrides"],
    ],
    group_name="features",
    owners=OWNERS,
    kinds={"python", "duckdb"},
    partitions_def=NIGHTS,
    backfill_policy=ONE_BY_ONE,
)
def components(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
    """One row per user id, e-mail and phone with its connected component."""
    persons = night.connect_persons()
    with night.work() as connection:
        metadata = describe(connection, "identity.components")
    return dg.MaterializeResult(metadata=metadata | {"persons": persons})


@dg.asset(
    key=["scores", "score_models"],
    deps=[
        ["features", "customer_states"],
        ["features", "customer_purchases"],
        ["features", "contract_spells"],
        ["features", "churn_labels"],
    ],
    group_name="scores",
    owners=OWNERS,
    kinds={"python", "scikitlearn", "duckdb"},
    partitions_def=NIGHTS,
    backfill_policy=ONE_BY_ONE,
)
def score_models(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
    """One row per number of each fitted model of value and risk."""
    decisions = night.score()
    with night.work() as connection:
        texts = transform.column_texts(night.tonight.manifest)["score_models"]
        metadata = describe(connection, "scores.score_models", texts)
    return dg.MaterializeResult(metadata=metadata | {"models": decisions})


@dg.definitions
def features_stage() -> dg.Definitions:
    """The assets of the stage, from a manifest that is fresh."""
    manifest = transform.parse(load_settings())
    groups = [Group(name, manifest) for name in GROUPS]
    built = [group.assets() for group in groups]
    return dg.Definitions(assets=[*built, components, score_models])
