"""A company with a landing folder, for tests."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingest.file_set import file_set, quarantine_paths, raw_relations
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.load import ingest
from dagster_project.ingest.outcome import IngestResult
from dagster_project.settings import Settings
from dagster_project.warehouse import parquet_list

SEEN_AT = datetime(2026, 11, 21, 2, 0)


class Company:
    """A landing folder with one source, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(
            home=folder / "home", landing=folder / "landing", pepper="pepper"
        )
        self.landing = folder / "landing"
        self.landing.mkdir()
        self.sources: list[SourceSpec] = []
        self.said: list[str] = []

    def source(self, name: str = "source", **declaration: Any) -> None:
        self.sources.append(SourceSpec.model_validate({"name": name, **declaration}))

    def deliver(self, name: str, content: str | bytes | list[Any]) -> Path:
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def ingest(self, seen_at: datetime = SEEN_AT) -> IngestResult:
        return ingest(self.settings, self.sources, self.said.append, seen_at)

    def counts(self) -> tuple[int, int, int, int, int]:
        """Lines, loaded, quarantined, known, blank of the only file."""
        (file,) = self.ingest().files
        row = file.row
        return row.lines, row.loaded, row.quarantined, row.known, row.blank

    def raw(self, feed: str, columns: str = "*") -> list[tuple[Any, ...]]:
        files = raw_relations(self.settings, file_set(self.settings))[feed]
        inner = f"select _received, _line as _at, {columns}"
        rows = read(inner, files, "order by all")
        return [row[2:] for row in rows]

    def quarantine(self, columns: str = "line, reason") -> list[tuple[Any, ...]]:
        every = self.settings.home.glob("raw/quarantine/*.parquet")
        return read(f"select {columns}", list(every), "order by path, line")

    def quarantine_of_the_night(self) -> list[Path]:
        return quarantine_paths(self.settings, file_set(self.settings))

    def personal(self) -> list[tuple[Any, ...]]:
        every = self.settings.home.glob("raw/pii/*.parquet")
        columns = "select email, phone, name, user_id, billing_customer_id"
        return read(columns, list(every), "order by all")


def read(select: str, files: list[Path], order: str) -> list[tuple[Any, ...]]:
    if not files:
        return []
    query = f"{select} from read_parquet({parquet_list(files)}) {order}"
    return duckdb.execute(query).fetchall()
