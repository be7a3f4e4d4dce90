"""What lies in the landing folder, and which source it belongs to.

Files are looked at, hashed and compared with the ledger; none is read for its rows.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.ingest.ledger import Ledger, file_id
from dagster_project.ingest.source_spec import SourceSpec

UNFINISHED = (".tmp", ".part")


@dataclass(frozen=True)
class Delivery:
    """One file as one source reads it. `stamp`: size, mtime and ctime (ns)."""

    source: SourceSpec
    path: Path
    name: str
    file_id: str
    stamp: tuple[int, int, int]

    def has_changed(self) -> bool:
        """Whether the file was written to since it was hashed."""
        return not self.path.exists() or _stamp(self.path) != self.stamp


def discover(
    landing: Path, sources: Iterable[SourceSpec], ledger: Ledger
) -> list[Delivery]:
    """Every delivery of every source, by path.

    Unchanged files are not hashed again. Raises UsageError without a landing folder.
    """
    if not landing.is_dir():
        raise UsageError(
            f"{landing}: no landing folder. Deliver files there, point "
            "SEGMENTS_LANDING to where they are, or make sample files with "
            "`segments demo`."
        )
    claims = [
        (path.relative_to(landing).as_posix(), source.name, path, source)
        for source in sources
        for path in landing.glob(source.path)
        if is_delivery(path, landing)
    ]
    known = ledger.contents()
    hashes = {name: _content(path, known.get(name)) for name, _, path, _ in claims}
    ledger.remember((name, *content) for name, content in sorted(hashes.items()))
    return [
        Delivery(
            source, path, name, file_id(hashes[name][3], source.name), hashes[name][:3]
        )
        for name, _, path, source in sorted(claims, key=lambda claim: claim[:2])
    ]


def unclaimed(landing: Path, deliveries: Iterable[Delivery]) -> list[str]:
    """The files that no source reads, as paths below the landing folder."""
    claimed = {delivery.path for delivery in deliveries}
    return sorted(
        path.relative_to(landing).as_posix()
        for path in landing.rglob("*")
        if path not in claimed and is_delivery(path, landing)
    )


def is_delivery(path: Path, landing: Path) -> bool:
    """Hidden files and files still being written are none."""
    parts = path.relative_to(landing).parts
    is_hidden = any(part.startswith(".") for part in parts)
    return not is_hidden and path.suffix not in UNFINISHED and path.is_file()


def _content(
    path: Path, known: tuple[int, int, int, str] | None
) -> tuple[int, int, int, str]:
    stamp = _stamp(path)
    if known and known[:3] == stamp:
        return known
    try:
        with path.open("rb") as handle:
            return (*stamp, hashlib.file_digest(handle, "sha256").hexdigest())
    except OSError as error:
        raise SegmentsError(f"{path}: cannot be read: {error.strerror}") from error


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
