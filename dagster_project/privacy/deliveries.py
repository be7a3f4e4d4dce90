"""Landed copies and landing files without a subject; the ledger knows them still.

A redacted file has another content: its alias says which delivery it is.
"""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from dagster_project.errors import SegmentsError
from dagster_project.ingest.discovery import is_delivery, name_below
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import Ledger, LedgerRow
from dagster_project.ingest.reading.landed import landed_path
from dagster_project.privacy.documents import redact
from dagster_project.privacy.lines import Redaction, lines
from dagster_project.privacy.raw_rows import RawRows
from dagster_project.privacy.traces import Traces
from dagster_project.publish.durable import sha256_of, sync
from dagster_project.settings import Settings

UNFINISHED = ".erasing-"
DELIMITERS = {".csv": ",", ".tsv": "\t"}


class Deliveries:
    """The delivered files of a home, in the landing folder and as landed copies."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        sources: Collection[SourceSpec],
        raw: RawRows,
    ) -> None:
        self.settings = settings
        self.ledger = ledger
        self.sources = {source.name: source for source in sources}
        self.raw = raw
        self.aliases = ledger.aliases()
        self.rows: dict[str, list[LedgerRow]] = {}
        for row in ledger.rows():
            self.rows.setdefault(row.content, []).append(row)

    def redact_copies(self, traces: Traces) -> Iterator[int]:
        """Rewrite the landed copies that hold the subject; the records of each."""
        folder = self.settings.home / "raw" / "landed"
        _clean(folder)
        for path in sorted(folder.glob("[0-9a-f]*")):
            content = self._delivered(path.name.partition(".")[0])
            yield self._redact(path, content, traces, None)

    def redact_landing(self, traces: Traces, missed: list[str]) -> Iterator[int]:
        """Rewrite the files of the landing folder that hold the subject.

        Those that may not be written are added to `missed`.
        """
        landing = self.settings.landing_folder
        _clean(landing)
        known = self.ledger.contents()
        for path in sorted(landing.rglob("*")):
            if not is_delivery(path, landing):
                continue
            name = name_below(landing, path)
            *stamp, sha256 = known.get(name, (0, 0, 0, ""))
            if tuple(stamp) != stamp_of(path):
                sha256 = sha256_of(path)
            try:
                yield self._redact(path, self._delivered(sha256), traces, name)
            except PermissionError:
                missed.append(name)

    def blank_lines(self, file_id: str, among: Collection[int]) -> set[int]:
        """Which lines of a delivery are blank in its landed copy by now."""
        for row in (row for rows in self.rows.values() for row in rows):
            copy = landed_path(self.settings.home, row.content, row.path)
            if row.file_id == file_id and copy.suffix != ".parquet" and copy.exists():
                numbered = enumerate(lines(copy), start=1)
                return {n for n, line in numbered if n in among and not line.strip()}
        return set()

    def _delivered(self, sha256: str) -> str:
        """The content as it was delivered, of one that may be redacted already."""
        return self.aliases.get(sha256, sha256)

    def _redact(
        self, path: Path, content: str, traces: Traces, name: str | None
    ) -> int:
        rows = self.rows.get(content, [])
        ids = [row.file_id for row in rows]
        how = Redaction(
            traces,
            frozenset().union(*(self.raw.lines.get(one, frozenset()) for one in ids)),
            lambda numbers: self.raw.kept(ids, numbers),
            self._delimiter(path, rows),
        )
        target = path.with_name(f"{UNFINISHED}{path.name}")
        try:
            changed = redact(path, target, how)
            if changed:
                self._replace(path, target, content, name)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return changed

    def _replace(
        self, path: Path, target: Path, content: str, name: str | None
    ) -> None:
        before = path.stat()
        os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
        target.chmod(before.st_mode & 0o777)
        sync(target)
        # Known before it is there: a kill in between must not make it a new delivery.
        redacted = sha256_of(target)
        if redacted not in self.rows:
            self.ledger.know_as(redacted, content)
        target.replace(path)
        sync(path.parent)
        if name and content in self.rows:
            self.ledger.remember([(name, *stamp_of(path), content)])

    def _delimiter(self, path: Path, rows: list[LedgerRow]) -> str | None:
        for row in rows:
            source = self.sources.get(row.source)
            if source:
                return source.delimiter if source.format == "csv" else None
        return DELIMITERS.get(Path(path.name.removesuffix(".gz")).suffix)


def stamp_of(path: Path) -> tuple[int, int, int]:
    """Size, mtime and ctime (ns), as the ledger remembers them."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _clean(folder: Path) -> None:
    if not folder.exists():
        return
    try:
        for path in folder.rglob(f"{UNFINISHED}*"):
            path.unlink()
    except OSError as error:
        raise SegmentsError(f"{error.filename}: {error.strerror}") from error
