"""Which files a dry run reads, and what the real ledger says of them.

The ledger is copied and looked at; nothing is written below the home.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.ingest.changes import fingerprint
from dagster_project.ingest.discovery import is_delivery
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import Ledger, LedgerRow, file_id, ledger_path
from dagster_project.settings import Settings

KNOWN = ("known", "withdrawn")


@dataclass(frozen=True)
class Claim:
    """A file as one source would read it; `name` is what it is called below landing."""

    source: SourceSpec
    path: Path
    name: str
    standing: str

    @property
    def is_due(self) -> bool:
        """Whether an ingest would read it."""
        return self.standing not in KNOWN


def in_landing(
    settings: Settings, sources: Sequence[SourceSpec], temporary: Path
) -> tuple[list[Claim], tuple[str, ...]]:
    """Every file of the landing folder by source, and the names that no source reads.

    Raises UsageError without a landing folder.
    """
    landing = settings.landing_folder
    if not landing.is_dir():
        raise UsageError(f"{landing}: no landing folder")
    standing = Standing(settings, temporary)
    claims = [
        _claim(standing, source, path, path.relative_to(landing).as_posix())
        for source in sources
        for path in sorted(landing.glob(source.path))
        if is_delivery(path, landing)
    ]
    claimed = {claim.path for claim in claims}
    rest = (path for path in landing.rglob("*") if path not in claimed)
    unclaimed = (
        path.relative_to(landing) for path in rest if is_delivery(path, landing)
    )
    return claims, tuple(sorted(path.as_posix() for path in unclaimed))


def named(
    settings: Settings,
    sources: Sequence[SourceSpec],
    files: Sequence[Path],
    by_path: bool,
    temporary: Path,
) -> list[Claim]:
    """Files that a person names; each by the sources whose path fits, or by all.

    Raises UsageError for a file that is not there or that no source reads.
    """
    landing = settings.landing_folder
    standing = Standing(settings, temporary)
    claims: list[Claim] = []
    for path in files:
        full = path.expanduser().absolute()
        if not full.is_file():
            raise UsageError(f"{path}: no such file")
        is_below = landing in full.parents
        name = full.relative_to(landing).as_posix() if is_below else full.name
        readers = [
            one
            for one in sources
            if not by_path or (is_below and full in landing.glob(one.path))
        ]
        if not readers:
            raise UsageError(f"{path}: no source reads it; say which with --source")
        claims += [_claim(standing, source, full, name) for source in readers]
    return claims


class Standing:
    """What the real ledger says of a file."""

    def __init__(self, settings: Settings, temporary: Path) -> None:
        self.settings = settings
        self.rows: dict[str, LedgerRow] = {}
        self.contents: dict[str, tuple[int, int, int, str]] = {}
        self._met: dict[str, str] = {}
        copy = _copied(ledger_path(settings), temporary / "ledger.sqlite")
        if copy:
            with Ledger(copy) as ledger:
                self.rows = {row.file_id: row for row in ledger.rows()}
                self.contents = ledger.contents()

    def of(self, source: SourceSpec, path: Path, name: str) -> str:
        """`new`, `known`, `withdrawn`, or why it would be read again."""
        known_by = file_id(self._sha256(path, name), source.name)
        if self._met.setdefault(known_by, name) != name:
            return "known"
        row = self.rows.get(known_by)
        if row is None or row.status == "seen":
            return "new"
        if row.status in ("loaded", "rejected"):
            return "known" if self._is_current(row, source) else "declaration changed"
        return row.status

    def _is_current(self, row: LedgerRow, source: SourceSpec) -> bool:
        if not has_pepper(self.settings):
            return False
        return row.declaration == fingerprint(self.settings, source)

    def _sha256(self, path: Path, name: str) -> str:
        stat = path.stat()
        held = self.contents.get(name)
        if held and held[:3] == (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns):
            return held[3]
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()


def has_pepper(settings: Settings) -> bool:
    """Whether the home has its secret already; asking for it would make one."""
    return bool(settings.pepper) or (settings.home / "pepper").exists()


def _claim(standing: Standing, source: SourceSpec, path: Path, name: str) -> Claim:
    return Claim(source, path, name, standing.of(source, path, name))


def _copied(ledger: Path, copy: Path) -> Path | None:
    """A consistent copy that leaves no trace beside the original."""
    if not ledger.exists():
        return None
    in_use = ledger.with_name(ledger.name + "-wal").exists()
    mode = "mode=ro" if in_use else "immutable=1"
    original = sqlite3.connect(f"{ledger.as_uri()}?{mode}", uri=True)
    target = sqlite3.connect(copy)
    try:
        original.backup(target)
    finally:
        original.close()
        target.close()
    return copy


def each(claims: Sequence[Claim]) -> Iterator[tuple[SourceSpec, list[Claim]]]:
    """The claims of each source."""
    by_name: dict[str, list[Claim]] = {}
    for claim in claims:
        by_name.setdefault(claim.source.name, []).append(claim)
    for name in sorted(by_name):
        yield by_name[name][0].source, by_name[name]
