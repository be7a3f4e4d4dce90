"""Small files of one source are read together: planning costs more than they do.

Each of them still is loaded or not loaded on its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from dagster_project.ingest.discovery import Delivery
from dagster_project.ingest.faults import TOLERANCE
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.kinds import TimeRule, value_sql
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.ingest.mapping import version_in_path
from dagster_project.ingest.reading.layout import Engine, Layout, layout_of
from dagster_project.ingest.reading.lines import RejectedFile
from dagster_project.warehouse import literal

FILES = 100
BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Opened:
    """One file that is to be read, with the layout that was found."""

    delivery: Delivery
    row: LedgerRow
    layout: Layout
    version: str | None


@dataclass(frozen=True)
class Batch:
    """Files of one source and one layout, numbered by their place."""

    files: tuple[Opened, ...]

    @property
    def source(self) -> SourceSpec:
        """Their source."""
        return self.files[0].delivery.source

    @property
    def layout(self) -> Layout:
        """Their layout."""
        return self.files[0].layout

    @property
    def paths(self) -> list[Path]:
        """Where their bytes are."""
        return [file.delivery.path for file in self.files]

    def singles(self) -> list["Batch"]:
        """Each file alone."""
        return [Batch((file,)) for file in self.files]

    def describe_to(self, engine: Engine) -> None:
        """Fill `batch_files`: what the rows of each file have in common."""
        rows = [file.row for file in self.files]
        seen_at = [row.first_seen_at for row in rows]
        columns = {
            "file": pa.array(range(len(rows)), pa.int32()),
            "_file_id": pa.array([row.file_id for row in rows], pa.string()),
            "_source": pa.array([row.source for row in rows], pa.string()),
            "_feed": pa.array([row.feed for row in rows], pa.string()),
            "_path": pa.array([row.path for row in rows], pa.string()),
            "_received": pa.array([row.sequence for row in rows], pa.int64()),
            "_loaded_at": pa.array(seen_at, pa.timestamp("us")),
            "_latest": pa.array([at + TOLERANCE for at in seen_at], pa.timestamp("us")),
            "_version_text": pa.array([f.version for f in self.files], pa.string()),
        }
        engine.register("described", pa.table(columns))
        engine.execute(
            "create or replace temp table batch_files as select * from described"
        )
        engine.unregister("described")


def open_delivery(engine: Engine, delivery: Delivery, row: LedgerRow) -> Opened:
    """Look at a file's head. Raises RejectedFile."""
    if delivery.content.problem:
        raise RejectedFile(delivery.content.problem)
    layout = layout_of(engine, delivery.source, delivery.path)
    version = version_in_path(delivery.source, delivery.name)
    return Opened(delivery, row, layout, version)


def snapshot_version(engine: Engine, delivery: Delivery) -> str | None:
    """The time that the path of a full snapshot carries; None without a usable one."""
    source = delivery.source
    if source.delivery != "full_snapshot" or source.version_at is None:
        return None
    try:
        text = version_in_path(source, delivery.name)
    except RejectedFile:
        return None  # it is rejected when it is opened
    if text is None:
        return None
    rule = TimeRule(source.timezone, source.version_at.unit, source.version_at.format)
    moment = value_sql("timestamp", literal(text), rule)
    found = engine.execute(f"select cast({moment} as VARCHAR)").fetchall()
    return found[0][0]


def batched(files: Iterable[Opened]) -> Iterator[Batch]:
    """Neighbours of one source and layout together, up to some size."""
    by_source = sorted(files, key=lambda file: file.delivery.source.name)
    for _, group in groupby(
        by_source, key=lambda file: (file.delivery.source.name, file.layout)
    ):
        kept: list[Opened] = []
        size = 0
        for file in group:
            is_full = len(kept) >= FILES or size + file.row.bytes > BYTES
            if kept and (is_full or file.delivery.source.format == "json"):
                yield Batch(tuple(kept))
                kept, size = [], 0
            kept.append(file)
            size += file.row.bytes
        yield Batch(tuple(kept))
