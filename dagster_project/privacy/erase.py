"""Erasure: every place that holds a subject, one after the other, until all are clean.

Killed at any point, the next night or the next `segments forget` goes on. Raw comes
last: what it says leads to the rest.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.ledger import open_ledger
from dagster_project.ingest.raw_files import raw_path
from dagster_project.privacy.deliveries import Deliveries
from dagster_project.privacy.leftovers import remove_work, scrub_records
from dagster_project.privacy.raw_rows import RawRows
from dagster_project.privacy.request import Request, keep, pending, prove
from dagster_project.privacy.tombstones import bury
from dagster_project.privacy.traces import Traces
from dagster_project.settings import Settings
from dagster_project.warehouse import connect

Say = Callable[[str], None]


def silent(line: str) -> None:
    """Say nothing."""


def erase(settings: Settings, request: Request, on_step: Say = silent) -> Request:
    """Carry out an erasure to its end; call it under the lock.

    `on_step` hears of every step before it and of every file within it.
    """
    keep(settings, request)
    on_step("request")
    bury(settings, request)
    return _Erasure(settings, request, on_step).carry_out()


def finish_erasures(settings: Settings, say: Say = silent) -> list[Request]:
    """Carry out what a killed erasure left undone; call it under the lock."""
    finished = []
    for request in pending(settings):
        say(f"erasure {request.id} of {request.asked_at} was interrupted: finishing it")
        finished.append(erase(settings, request))
    return finished


class _Erasure:
    def __init__(self, settings: Settings, request: Request, on_step: Say) -> None:
        self.settings = settings
        self.request = request
        self.on_step = on_step
        self.engine = connect(settings=settings)
        self.raw = RawRows(self.engine, settings, request.subject)

    def carry_out(self) -> Request:
        started = time.monotonic()
        # What the files below raw say is needed to find the rest.
        traces = self.raw.traces()
        steps: dict[str, Callable[[Traces], None]] = {
            "work": self._work,
            "records": self._records,
            "deliveries": self._deliveries,
            "quarantine": self._quarantine,
            "raw": self._raw,
            "pii": self._pii,
            "ledger": self._ledger,
        }
        with self.engine:
            for name, step in steps.items():
                if name not in self.request.done:
                    self.on_step(name)
                    step(traces)
                    self.request.done.append(name)
                    self.request.seconds += round(time.monotonic() - started, 1)
                    started = time.monotonic()
                    keep(self.settings, self.request)
        self.on_step("proof")
        prove(self.settings, self.request)
        return self.request

    def _touch(self, place: str, rows: int) -> None:
        if rows:
            self.request.touch(place, rows)
        self.on_step(f"{place} file")

    def _work(self, _: Traces) -> None:
        for path in remove_work(self.settings):
            self._touch(path.relative_to(self.settings.home).parts[0], 1)

    def _records(self, traces: Traces) -> None:
        for path, masked in scrub_records(self.settings, traces):
            self._touch(path.relative_to(self.settings.home).parts[0], masked)

    def _deliveries(self, traces: Traces) -> None:
        missed: list[str] = []
        with self._delivered() as delivered:
            for rows in delivered.redact_landing(traces, missed):
                self._touch("landing", rows)
            for rows in delivered.redact_copies(traces):
                self._touch("raw/landed", rows)
        self.request.not_reached = missed

    @contextmanager
    def _delivered(self) -> Iterator[Deliveries]:
        sources = load_sources(self.settings.declaration_folder("sources"))
        with open_ledger(self.settings) as ledger:
            yield Deliveries(self.settings, ledger, sources, self.raw)

    def _quarantine(self, traces: Traces) -> None:
        with self._delivered() as delivered:
            for path in self.raw.files("quarantine"):
                found = self.engine.execute(
                    "select line, raw from read_parquet(?)", [str(path)]
                ).fetchall()
                theirs = {
                    line
                    for line, raw in found
                    if traces.names(raw or b"") or traces.names_by_key(raw or b"")
                }
                theirs |= self.raw.lines.get(path.stem, frozenset())
                # Of a row without titles only the delivery knew what stands where.
                every = {line for line, _ in found}
                theirs |= delivered.blank_lines(path.stem, every - theirs)
                listed = ", ".join(str(line) for line in sorted(theirs)) or "-1"
                rows = self.raw.rewrite(path, f"line in ({listed})")
                self._touch("raw/quarantine", rows)

    def _raw(self, _: Traces) -> None:
        for feed in sorted(self.raw.counts()):
            condition = self.raw.condition(feed, self.raw.columns(feed))
            for path in self.raw.files(feed):
                self._touch(f"raw/{feed}", self.raw.rewrite(path, condition))

    def _pii(self, _: Traces) -> None:
        condition = self.raw.condition("pii", self.raw.columns("pii"))
        for path in self.raw.files("pii"):
            self._touch("raw/pii", self.raw.rewrite(path, condition))

    def _ledger(self, _: Traces) -> None:
        """What was taken out of a file counts as blank lines: that is what it left."""
        with open_ledger(self.settings) as ledger:
            for row in ledger.rows():
                loaded = self._rows_in(row.feed, row.file_id)
                quarantined = self._rows_in("quarantine", row.file_id)
                if loaded is None or row.status not in ("loaded", "superseded"):
                    continue
                quarantined = row.quarantined if quarantined is None else quarantined
                gone = row.loaded + row.quarantined - loaded - quarantined
                ledger.write(
                    replace(
                        row,
                        loaded=loaded,
                        quarantined=quarantined,
                        blank=row.blank + gone,
                    )
                )

    def _rows_in(self, kind: str, file_id: str) -> int | None:
        path = raw_path(self.settings.home, kind, file_id)
        if not path.exists():
            return None
        query = "select count(*) from read_parquet(?)"
        return int(self.engine.execute(query, [str(path)]).fetchall()[0][0])
