"""The ingest of a night: landing files to raw, each file whole or not at all."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.ingest.batches import (
    Opened,
    batched,
    open_delivery,
    snapshot_version,
)
from dagster_project.ingest.changes import (
    Landed,
    fingerprint,
    must_be_read,
    new_row,
    replaced_rows,
)
from dagster_project.ingest.discovery import Content, Delivery, discover, unclaimed
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.known_layouts import note_layouts
from dagster_project.ingest.ledger import (
    Ledger,
    LedgerRow,
    ledger_path,
    open_ledger,
    utc_now,
)
from dagster_project.ingest.load_batch import load_batch, rejected
from dagster_project.ingest.outcome import FileOutcome, IngestResult, summarize
from dagster_project.ingest.reading.landed import clean_copies, landed_path
from dagster_project.ingest.reading.lines import RejectedFile
from dagster_project.settings import Settings
from dagster_project.warehouse import connect

Report = Callable[[str], None]


def ingest(
    settings: Settings,
    sources: list[SourceSpec],
    report: Report = lambda line: None,
    seen_at: datetime | None = None,
) -> IngestResult:
    """Bring every delivery that is not known yet into raw.

    `seen_at` (default: now) is when new files count as first seen. Killed at any
    point, the next call completes the work. Raises UsageError without a landing folder
    or sources, SegmentsError when the home cannot be written.
    """
    if not sources:
        folder = settings.declaration_folder("sources")
        raise UsageError(f"{folder}: no source is declared there (*.yml)")
    try:
        with open_ledger(settings) as ledger, _engine(settings) as engine:
            run = _Run(settings, ledger, engine, report)
            return run.settle(sources, _utc(seen_at or utc_now()))
    except OSError as error:
        where = error.filename or settings.home
        raise SegmentsError(f"{where}: {error.strerror}") from error
    except sqlite3.DatabaseError as error:
        path = ledger_path(settings)
        raise SegmentsError(f"{path}: the ledger cannot be used: {error}") from error
    except duckdb.IOException as error:
        raise SegmentsError(f"{settings.home}: {error}") from error


def _engine(settings: Settings) -> duckdb.DuckDBPyConnection:
    # What does not fit is spilled there.
    (settings.home / "work").mkdir(parents=True, exist_ok=True)
    engine = connect(settings=settings)
    engine.execute(f"set memory_limit = '{settings.ingest_memory}'")
    return engine


class _Run:
    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        engine: duckdb.DuckDBPyConnection,
        report: Report,
    ) -> None:
        self.settings = settings
        self.ledger = ledger
        self.engine = engine
        self.report = report
        self.rows = {row.file_id: row for row in ledger.rows()}

    def settle(self, sources: list[SourceSpec], seen_at: datetime) -> IngestResult:
        clean_copies(self.settings.home)
        found = discover(self.settings, sources, self.ledger)
        for name, why in sorted(found.waiting.items()):
            self.report(f"{name}: {why}: left for the next run")
        deliveries = list(found.deliveries)
        self._register(deliveries, seen_at)
        self._date_snapshots(deliveries)
        landed = Landed.of(deliveries)
        declarations = {s.name: fingerprint(self.settings, s) for s in sources}
        departed = list(self._departed(sources, landed))
        read = self._read([*deliveries, *departed], declarations, landed)
        outcomes = [
            FileOutcome(delivery.name, self.rows[delivery.file_id], is_new=True)
            for delivery in departed
            if delivery.file_id in read
        ]
        for delivery in deliveries:
            row = self.rows.get(delivery.file_id)
            if row and delivery.file_id not in read:
                row = self._moved(delivery, row, landed)
                self._write(delivery, row, landed)
            if row:
                is_new = (delivery.file_id, delivery.name) in read.items()
                outcomes.append(FileOutcome(delivery.name, row, is_new))
        claimed = {delivery.name for delivery in deliveries} | found.waiting.keys()
        return IngestResult(
            tuple(outcomes),
            summarize(sources, outcomes, list(self.rows.values())),
            tuple(unclaimed(self.settings.landing_folder, claimed)),
            tuple(sorted(found.waiting)),
        )

    def _departed(
        self, sources: list[SourceSpec], landed: Landed
    ) -> Iterator[Delivery]:
        """Files that have left the landing folder; their copies can still be read."""
        declared = {source.name: source for source in sources}
        for row in sorted(self.rows.values(), key=lambda row: row.path):
            source = declared.get(row.source)
            if source is None or row.file_id in landed.file_ids:
                continue
            if row.status not in ("loaded", "rejected", "seen"):
                continue
            copy = landed_path(self.settings.home, row.content, row.path)
            if copy.exists():
                content = Content((row.bytes, 0, 0), row.content)
                yield Delivery(source, copy, row.path, content)

    def _register(self, deliveries: list[Delivery], seen_at: datetime) -> None:
        """The first-seen time must outlive a kill, so it is kept before any reading."""
        with self.ledger.transaction():
            for delivery in deliveries:
                if delivery.file_id not in self.rows:
                    row = self.ledger.register(new_row(delivery, seen_at))
                    self.rows[row.file_id] = row

    def _date_snapshots(self, deliveries: list[Delivery]) -> None:
        """A snapshot may return to what it was: its content then has a later date."""
        with self.ledger.transaction():
            for delivery in deliveries:
                row = self.rows[delivery.file_id]
                version = snapshot_version(self.engine, delivery)
                if version and version > (row.version or ""):
                    self.rows[row.file_id] = replace(row, version=version)
                    self.ledger.write(self.rows[row.file_id])

    def _read(
        self,
        deliveries: list[Delivery],
        declarations: dict[str, str],
        landed: Landed,
    ) -> dict[str, str]:
        """Read what must be read; the paths by file id."""
        read: dict[str, str] = {}
        opened: list[Opened] = []
        for delivery in deliveries:
            row = self.rows[delivery.file_id]
            declaration = declarations[delivery.source.name]
            is_due = must_be_read(self.settings, row, declaration)
            if not is_due or row.file_id in read:
                continue
            read[row.file_id] = delivery.name
            row = replace(row, declaration=declaration, path=delivery.name)
            try:
                opened.append(open_delivery(self.engine, delivery, row))
            except RejectedFile as rejection:
                self._settle_one(delivery, rejected(row, rejection), landed)
        for batch in batched(opened):
            note_layouts(self.engine, self.settings, batch)
            rows = load_batch(self.engine, self.settings, batch)
            for file, row in zip(batch.files, rows, strict=True):
                self._settle_one(file.delivery, row, landed)
        return read

    def _settle_one(self, delivery: Delivery, row: LedgerRow, landed: Landed) -> None:
        row = replace(row, reading=row.reading + 1)
        self._write(delivery, row, landed)
        self.report(str(FileOutcome(delivery.name, row, is_new=True)))

    def _moved(self, delivery: Delivery, row: LedgerRow, landed: Landed) -> LedgerRow:
        if (row.source, row.path) in landed.names:
            return row
        return replace(row, path=delivery.name)

    def _write(self, delivery: Delivery, row: LedgerRow, landed: Landed) -> None:
        replaced = [
            replace(other, status="superseded")
            for other in replaced_rows(delivery, row, self.rows.values(), landed)
        ]
        if not replaced and row == self.rows[row.file_id]:
            return
        with self.ledger.transaction():
            for changed in (*replaced, row):
                self.ledger.write(changed)
                self.rows[changed.file_id] = changed
        for other in replaced:
            self.report(
                f"{delivery.name}: new content, {other.file_id[:12]} superseded"
            )


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo:
        moment = moment.astimezone(UTC)
    return moment.replace(tzinfo=None, microsecond=0)
