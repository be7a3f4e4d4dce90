"""What lies in the landing folder, and which source it belongs to.

Files are looked at, hashed and compared with the ledger; none is read for its rows.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.ingest.ledger import Ledger, file_id
from dagster_project.ingest.source_spec import SourceSpec

UNFINISHED = (".tmp", ".part")


@dataclass(frozen=True)
class Content:
    """What a file held when it was looked at: size, mtime and ctime (ns), hash."""

    stamp: tuple[int, int, int]
    sha256: str
    problem: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One file as one source reads it; `name` is its path below the landing folder."""

    source: SourceSpec
    path: Path
    name: str
    content: Content

    @property
    def file_id(self) -> str:
        """What it is known by."""
        return file_id(self.content.sha256, self.source.name)

    def has_changed(self) -> bool:
        """Whether the file was written to since it was hashed."""
        return not self.path.exists() or _stamp(self.path) != self.content.stamp


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
    contents = {name: _content(path, known.get(name)) for name, _, path, _ in claims}
    ledger.remember(
        (name, *content.stamp, content.sha256)
        for name, content in sorted(contents.items())
        if not content.problem
    )
    return [
        Delivery(source, path, name, contents[name])
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


def _content(path: Path, known: tuple[int, int, int, str] | None) -> Content:
    stamp = _stamp(path)
    if known and known[:3] == stamp:
        return Content(stamp, known[3])
    try:
        with path.open("rb") as handle:
            return Content(stamp, hashlib.file_digest(handle, "sha256").hexdigest())
    except OSError as error:
        return Content(stamp, f"{path}", f"cannot be read: {error.strerror}")


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
