"""The ledger: every delivery ever seen, by content, and what became of it.

Only bookkeeping; files are read elsewhere.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, Self

from dagster_project.settings import Settings

Status = Literal["seen", "loaded", "rejected", "superseded", "withdrawn"]


@dataclass(frozen=True)
class LedgerRow:
    """One file of one source. `lines` = loaded + quarantined + known + blank.

    `content` is the SHA-256 of its bytes, `sequence` the order of delivery, `dates` the
    business dates it touches, `filtered` the rows its source does not want.
    `declaration` is the fingerprint of what it was read with, `reading` how often.
    `version` is the latest time that the name of a dated snapshot gave it.
    """

    file_id: str
    content: str
    source: str
    feed: str
    delivery: str
    path: str
    bytes: int
    lines: int
    loaded: int
    quarantined: int
    known: int
    blank: int
    filtered: int
    status: Status
    reason: str | None
    first_seen_at: datetime
    sequence: int
    declaration: str
    reading: int
    version: str | None
    dates: tuple[date, ...]

    @property
    def min_on(self) -> date | None:
        """The first business date."""
        return min(self.dates, default=None)

    @property
    def max_on(self) -> date | None:
        """The last business date."""
        return max(self.dates, default=None)


COLUMNS = tuple(field.name for field in fields(LedgerRow))
SCHEMA = f"""
create table if not exists files (
    {", ".join(COLUMNS)}, min_on, max_on,
    primary key (file_id), unique (sequence)
);
create table if not exists contents (
    path primary key, size, mtime_ns, ctime_ns, sha256
);
create table if not exists aliases (content primary key, content_of);
"""


def file_id(content_sha256: str, source: str) -> str:
    """A file is its content, as one source reads it."""
    return hashlib.sha256(f"{content_sha256}\n{source}".encode()).hexdigest()


class Ledger:
    """The ledger of one home, kept in SQLite."""

    def __init__(self, path: Path) -> None:
        """Opens it, or begins a new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None, timeout=60)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = full")
        self._database.executescript(SCHEMA)
        self._add_new_columns()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _add_new_columns(self) -> None:
        """A ledger of an earlier version lacks some."""
        found = {row[1] for row in self._database.execute("pragma table_info(files)")}
        for name in (*COLUMNS, "min_on", "max_on"):
            if name not in found:
                self._database.execute(f"alter table files add column {name}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within is kept, or nothing."""
        self._database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def rows(self, *statuses: Status) -> list[LedgerRow]:
        """All files, or those of some statuses, in the order of delivery."""
        found = self._database.execute(
            f"select {', '.join(COLUMNS)} from files order by sequence"
        )
        rows = [_from_database(values) for values in found]
        return [row for row in rows if not statuses or row.status in statuses]

    def register(self, row: LedgerRow) -> LedgerRow:
        """Enter a file at the end of the order of delivery."""
        last = self._database.execute("select max(sequence) from files").fetchone()[0]
        row = replace(row, sequence=(last or 0) + 1)
        self.write(row)
        return row

    def write(self, row: LedgerRow) -> None:
        """Enter or replace what is known of a file."""
        names = (*COLUMNS, "min_on", "max_on")
        marks = ", ".join("?" * len(names))
        self._database.execute(
            f"insert or replace into files ({', '.join(names)}) values ({marks})",
            (*_to_database(row), _iso(row.min_on), _iso(row.max_on)),
        )

    def withdraw(self, file_id: str) -> None:
        """Take a file out of every later night."""
        self._database.execute(
            "update files set status = 'withdrawn' where file_id = ?", (file_id,)
        )

    def discard(self, file_id: str) -> None:
        """Forget a file of which nothing was read."""
        self._database.execute("delete from files where file_id = ?", (file_id,))

    def contents(self) -> dict[str, tuple[int, int, int, str]]:
        """What a path held when it was last hashed: size, mtime, ctime (ns), sha256."""
        found = self._database.execute("select * from contents")
        return {path: tuple(rest) for path, *rest in found}

    def remember(self, contents: Iterable[tuple[str, int, int, int, str]]) -> None:
        """Spare later nights the hashing of unchanged files."""
        self._database.executemany(
            "insert or replace into contents values (?, ?, ?, ?, ?)", contents
        )

    def know_as(self, content: str, content_of: str) -> None:
        """A content is that of a known delivery, from which somebody was erased."""
        self._database.execute(
            "insert or replace into aliases values (?, ?)", (content, content_of)
        )

    def aliases(self) -> dict[str, str]:
        """The delivered content of each content that was redacted since."""
        return dict(self._database.execute("select content, content_of from aliases"))


def open_ledger(settings: Settings) -> Ledger:
    """The ledger of a home."""
    return Ledger(ledger_path(settings))


def ledger_path(settings: Settings) -> Path:
    """Where the ledger of a home lies."""
    return settings.home / "raw" / "ledger.sqlite"


def utc_now() -> datetime:
    """When a file is first seen, if it is now."""
    return datetime.now(UTC).replace(tzinfo=None)


def newest_snapshots(rows: Iterable[LedgerRow]) -> dict[str, str]:
    """The file ids of the full snapshots that count, by source.

    The latest version counts, whenever it came; without dates the last delivery.
    """
    snapshots = [row for row in rows if row.delivery == "full_snapshot"]
    by_age = sorted(snapshots, key=lambda row: (row.version or "", row.sequence))
    return {row.source: row.file_id for row in by_age}


def _to_database(row: LedgerRow) -> list[object]:
    values = dict(zip(COLUMNS, astuple(row), strict=True))
    values["first_seen_at"] = row.first_seen_at.isoformat()
    values["dates"] = json.dumps([day.isoformat() for day in row.dates])
    return list(values.values())


def _from_database(stored: tuple[object, ...]) -> LedgerRow:
    values = dict(zip(COLUMNS, stored, strict=True))
    values["content"] = values["content"] or ""
    values["reading"] = values["reading"] or 0
    values["first_seen_at"] = datetime.fromisoformat(str(values["first_seen_at"]))
    days = json.loads(str(values["dates"]))
    values["dates"] = tuple(date.fromisoformat(day) for day in days)
    return LedgerRow(**values)  # type: ignore[arg-type]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
