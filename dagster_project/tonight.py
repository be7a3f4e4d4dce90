"""What a night reads before it computes anything: declarations, files, predecessor."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import duckdb

from dagster_project import control, repeated_events, state, transform
from dagster_project.gates.arrivals import lay_out_arrivals
from dagster_project.gates.layout_changes import lay_out_drift
from dagster_project.gates.stage import promise
from dagster_project.gates.suite_spec import SuiteSpec, load_suites
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.file_set import (
    personal_paths,
    quarantine_paths,
    raw_relations,
)
from dagster_project.ingest.grammar.source_spec import SourceSpec, load_sources
from dagster_project.ingest.known_layouts import known_layouts
from dagster_project.ingest.ledger import LedgerRow, open_ledger
from dagster_project.privacy.request import erased_since
from dagster_project.publish import pointer
from dagster_project.publish.catalogue import Release
from dagster_project.readings import dirty_dates, note_dirty_files, note_readings
from dagster_project.repeated_events import find_repeated_events
from dagster_project.segmentation.feature_contract import load_feature_contract
from dagster_project.segmentation.rules import check_rules
from dagster_project.segmentation.spec import ModelSpec, RulesSpec, load_models
from dagster_project.segmentation.stage import declared
from dagster_project.settings import Settings
from dagster_project.transform import TestNode

# The tables of the predecessor that tonight's models read, under their own names.
RELEASED = [
    "customer_features",
    "customer_features_monthly",
    "customer_identities",
    "customer_people",
    "customer_key_log",
    "customer_segments",
    "customer_segment_history",
    "segment_registry",
    "cluster_models",
    "score_models",
    "rfm_cut_points",
    "pipeline_metrics",
    "source_profiles",
]

# Tables whose every row must be of tonight.
DATED = [
    "features.customer_features",
    "marts.customer_identities",
    "marts.customer_people",
    "marts.customer_key_log",
    "marts.identity_quarantine",
    "marts.customer_pii",
    "marts.sensitive_traits",
    "marts.consents_in_force",
    "marts.customer_segments",
    "marts.customer_segment_history",
    "marts.segment_registry",
    "marts.segment_profiles",
    "marts.segment_migration",
    "marts.nps_by_segment",
    "marts.customer_mrr_monthly",
    "marts.mrr_movements",
    "marts.revenue_metrics_monthly",
    "marts.mrr_invoice_reconciliation",
    "marts.mrr_invoice_differences",
    "marts.rfm_cut_points",
    "marts.cluster_models",
    "marts.score_models",
    "marts.churn_calibration",
    "marts.pipeline_metrics",
]

# The first night looks back this far: two years show a season twice.
HISTORY_DAYS = 730


class Tonight:
    """The as-of date with everything that was known when the night began."""

    def __init__(self, settings: Settings, as_of: date) -> None:
        self.settings = settings
        self.as_of = as_of

    @cached_property
    def sources(self) -> list[SourceSpec]:
        """The declared sources."""
        return load_sources(self.settings.declaration_folder("sources"))

    @cached_property
    def models(self) -> list[ModelSpec]:
        """The declared segment models.

        Raises DeclarationError for a predicate that cannot be read, before an hour is
        spent on the features that it asks for.
        """
        models = load_models(self.settings.declaration_folder("segments"))
        rules = [model for model in models if isinstance(model, RulesSpec)]
        check_rules(rules, load_feature_contract())
        return models

    @cached_property
    def suites(self) -> list[SuiteSpec]:
        """The declared suites of expectations."""
        return load_suites(self.settings.declaration_folder("expectations"))

    @cached_property
    def predecessor(self) -> Release | None:
        """The newest accepted release of an earlier night."""
        return pointer.predecessor(self.settings, self.as_of)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What dbt knows of its project."""
        return transform.parse(self.settings)

    @cached_property
    def tests(self) -> list[TestNode]:
        """Every data test of the dbt project."""
        return transform.data_tests(self.manifest)

    @cached_property
    def earlier_models(self) -> dict[str, Any]:
        """The segment models as the predecessor declared them, by name."""
        if self.predecessor is None:
            return {}
        return dict(self.predecessor.manifest["declarations"]["segments"])

    @property
    def kept_tables(self) -> dict[str, str]:
        """The tables that go from night to night, with a hash of what defines each."""
        return state.incremental_models(self.manifest) | {
            repeated_events.TABLE: state.hash_of(repeated_events.DEFINITION)
        }

    @property
    def context(self) -> str:
        """What decides stored tables besides their SQL: time zone and declarations."""
        sources = [source.model_dump(mode="json") for source in self.sources]
        return state.hash_of([self.settings.timezone, sources])

    @property
    def delivered(self) -> tuple[list[LedgerRow], set[str]]:
        """Every file ever seen, and those that the predecessor was made of."""
        with open_ledger(self.settings) as ledger:
            everything = ledger.rows()
        before = self.predecessor
        seen = before.manifest["input_files"] if before else []
        return everything, {file["file_id"] for file in seen}

    def lay_out(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write the control tables and mount raw and the predecessor."""
        everything, seen = self.delivered
        files = [f for f in everything if f.status in {"loaded", "rejected"}]
        before = self.predecessor
        first_day = self._first_day(files)
        control.write_control(
            connection,
            self.settings,
            self.as_of,
            before.as_of if before else None,
            first_day,
        )
        control.write_files(connection, files, self.sources, seen)
        self._mark_dirty(connection, everything)
        loaded = [f for f in files if f.status == "loaded"]
        self._mount(connection, loaded)
        self._mark_repeated(connection)
        lay_out_arrivals(connection, self.settings, self.as_of, loaded, seen)
        lay_out_drift(connection, self.sources, *known_layouts(self.settings))

    def promise_checks(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write down every check that must have a result before publishing."""
        promise(
            connection,
            self.settings.declaration_folder("expectations"),
            self.tests,
            [model.name for model in self.models],
            FEEDS,
            DATED,
        )

    def account(
        self, connection: duckdb.DuckDBPyConnection, warnings: list[str]
    ) -> dict[str, Any]:
        """What the manifest of tonight's release says about how it was made."""
        files = connection.execute(
            "select file_id, source, feed, path, status from night.files order by all"
        ).fetchall()
        names = ("file_id", "source", "feed", "path", "status")
        decisions = connection.execute(
            "select decision from night.decisions"
        ).fetchall()
        checks = connection.execute(
            "select count(*), count(*) filter (where passed) from night.check_results"
        ).fetchall()
        return {
            "predecessor": self.predecessor.release_id if self.predecessor else None,
            "input_files": [dict(zip(names, row, strict=True)) for row in files],
            "declarations": {
                "sources": {s.name: s.model_dump(mode="json") for s in self.sources},
                "segments": declared(self.models),
            },
            "champions": [row[0] for row in decisions],
            "gates": {
                "checks": checks[0][0],
                "passed": checks[0][1],
                "warnings": warnings,
            },
        }

    def _first_day(self, files: Sequence[LedgerRow]) -> date:
        days = [f.min_on for f in files if f.min_on and f.status == "loaded"]
        earliest = self.as_of - timedelta(days=HISTORY_DAYS)
        return max(min(days, default=self.as_of), earliest)

    def _mark_dirty(
        self, connection: duckdb.DuckDBPyConnection, files: Sequence[LedgerRow]
    ) -> None:
        state.drop_outdated(connection, self.kept_tables, self.context)
        before = state.built_from(connection)
        # A business day that is not the UTC day may begin on the day before or after.
        spread = 0 if self.settings.timezone == "UTC" else 1
        dates = dirty_dates(before, files, self.as_of, spread)
        note_readings(connection, files)
        control.write_dirty_dates(connection, dates)
        note_dirty_files(connection)

    def _mark_repeated(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Another first delivery of an event changes the days of its other ones."""
        changed = find_repeated_events(connection, self.settings.timezone)
        dirty = connection.execute("select dirty_on from night.dirty_dates").fetchall()
        control.write_dirty_dates(connection, [*changed, *(day for (day,) in dirty)])
        note_dirty_files(connection)

    def _mount(
        self, connection: duckdb.DuckDBPyConnection, files: list[LedgerRow]
    ) -> None:
        control.mount_raw(
            connection,
            raw_relations(self.settings, files),
            personal_paths(self.settings, files),
            quarantine_paths(self.settings, files),
        )
        before = self.predecessor
        control.mount_release(
            connection,
            {table: transform.contract(self.manifest, table) for table in RELEASED},
            {table: before.parquet(table) for table in RELEASED} if before else {},
            erased_since(self.settings, before.as_of) if before else (),
        )
