"""The rows of a subject in the Parquet files below raw, and files without them."""

from collections.abc import Collection
from functools import cached_property
from pathlib import Path

from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.raw_files import store
from dagster_project.ingest.reading.layout import Engine
from dagster_project.privacy.subject import OWN, Subject
from dagster_project.privacy.traces import Traces
from dagster_project.settings import Settings
from dagster_project.warehouse import parquet_list

Lines = dict[str, frozenset[int]]


class RawRows:
    """What raw holds of a subject: by feed, by file, by line."""

    def __init__(self, engine: Engine, settings: Settings, subject: Subject) -> None:
        self.engine = engine
        self.pepper = settings.pepper_bytes
        self.folder = settings.home / "raw"
        self.subject = subject

    @cached_property
    def lines(self) -> Lines:
        """The lines of the subject by file id."""
        found: dict[str, set[int]] = {}
        for feed in FEEDS:
            for file_id, line in self._owned_in(feed):
                found.setdefault(file_id, set()).add(line)
        return {file_id: frozenset(lines) for file_id, lines in found.items()}

    def counts(self) -> dict[str, int]:
        """The number of rows of the subject in each feed that has any."""
        counted = {feed: len(self._owned_in(feed)) for feed in FEEDS}
        return {feed: rows for feed, rows in counted.items() if rows}

    def traces(self) -> Traces:
        """What to look for in bytes; complete as long as raw is not rewritten."""
        ids: set[str] = set()
        for feed, spec in FEEDS.items():
            paths = self.files(feed)
            for name in OWN:
                if paths and name in spec.columns and name in spec.fields:
                    query = f"select {name} as id from {_read(paths)}"
                    ids |= self.subject.clear_ids(self.engine, self.pepper, name, query)
        return Traces(self.subject, self.pepper, frozenset(ids))

    def kept(self, file_ids: Collection[str], lines: Collection[int]) -> set[int]:
        """Which of some lines of a delivery raw holds as others'."""
        if not lines:
            return set()
        numbers = ", ".join(str(line) for line in lines)
        kept: set[int] = set()
        for file_id in file_ids:
            for path in self.folder.glob(f"*/{file_id}.parquet"):
                if path.parent.name in FEEDS:
                    found = self.engine.execute(
                        f"select distinct _line from {_read([path])}"
                        f" where _line in ({numbers})"
                    )
                    kept.update(line for (line,) in found.fetchall())
            kept -= self.lines.get(file_id, frozenset())
        return kept

    def files(self, kind: str) -> list[Path]:
        """The Parquet files of a feed, of `pii` or of `quarantine`."""
        return sorted((self.folder / kind).glob("*.parquet"))

    def condition(self, kind: str, columns: Collection[str]) -> str:
        """Which rows of the files of one kind are the subject's, as SQL."""
        paths = self.files(kind)
        relation = _read(paths)
        return self.subject.owns_sql(self.engine, self.pepper, columns, relation)

    def rewrite(self, path: Path, condition: str) -> int:
        """Write a file without some rows, whole or not at all; their number."""
        source = _read([path])
        query = f"select count(*) from {source} where {condition}"
        rows = int(self.engine.execute(query).fetchall()[0][0])
        if rows:
            store(self.engine, f"from {source} where not ({condition})", path)
        return rows

    def columns(self, kind: str) -> list[str]:
        """The columns of the files of one kind."""
        paths = self.files(kind)
        if not paths:
            return []
        found = self.engine.execute(f"describe select * from {_read(paths)}")
        return [name for name, *_ in found.fetchall()]

    def _owned_in(self, feed: str) -> list[tuple[str, int]]:
        if not (paths := self.files(feed)):
            return []
        condition = self.condition(feed, self.columns(feed))
        if condition == "false":
            return []
        return self.engine.execute(
            f"select _file_id, _line from {_read(paths)} where {condition}"
        ).fetchall()


def _read(paths: list[Path]) -> str:
    return f"read_parquet({parquet_list(paths)}, union_by_name = true)"
