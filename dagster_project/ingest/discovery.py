"""What lies in the landing folder, and which source it belongs to.

New files are copied and hashed, then compared with the ledger; none is read for its
rows.
"""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.ingest.grammar.claims import check_claims
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import Ledger, file_id
from dagster_project.ingest.reading.landed import (
    UnreadableError,
    keep_copy,
    landed_path,
)
from dagster_project.settings import Settings

UNFINISHED = (".tmp", ".part")


@dataclass(frozen=True)
class Content:
    """What a file held when it was looked at: size, mtime and ctime (ns), hash."""

    stamp: tuple[int, int, int]
    sha256: str
    problem: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One file as one source reads it.

    `name` is its path below the landing folder, `path` its landed copy.
    """

    source: SourceSpec
    path: Path
    name: str
    content: Content

    @property
    def file_id(self) -> str:
        """What it is known by."""
        return file_id(self.content.sha256, self.source.name)


@dataclass(frozen=True)
class Discovery:
    """The deliveries of every source, by path, and why other files must wait."""

    deliveries: tuple[Delivery, ...]
    waiting: dict[str, str]


def discover(
    settings: Settings, sources: Iterable[SourceSpec], ledger: Ledger
) -> Discovery:
    """Look at every file of every source; new content is copied.

    Unchanged files are not read again. Raises UsageError without a landing folder and
    DeclarationError when two declarations of one feed claim one file.
    """
    landing = settings.landing_folder
    if not landing.is_dir():
        raise UsageError(
            f"{landing}: no landing folder. Deliver files there, point "
            "SEGMENTS_LANDING to where they are, or make sample files with "
            "`segments demo`."
        )
    claims = _claims(landing, sources)
    check_claims((name, source) for name, source, _ in claims)
    look = _Look(settings, ledger.contents())
    contents = {name: look.at(path, name) for name, _, path in claims}
    ledger.remember(
        (name, *content.stamp, content.sha256)
        for name, content in contents.items()
        if content and not content.problem
    )
    aliases = ledger.aliases()
    deliveries = (
        Delivery(
            source, landed_path(settings.home, content.sha256, name), name, content
        )
        for name, source, _ in claims
        if (content := _as_delivered(contents[name], aliases))
    )
    return Discovery(tuple(deliveries), look.waiting)


def _claims(
    landing: Path, sources: Iterable[SourceSpec]
) -> list[tuple[str, SourceSpec, Path]]:
    """Every file that a source reads: its name, the source, where it lies."""
    found = [
        (name_below(landing, path), source, path)
        for source in sources
        for path in landing.glob(source.path)
        if is_delivery(path, landing)
    ]
    return sorted(found, key=lambda claim: (claim[0], claim[1].name))


def unclaimed(landing: Path, claimed: Iterable[str]) -> list[str]:
    """The files that no source reads, as paths below the landing folder."""
    names = {
        name_below(landing, path)
        for path in landing.rglob("*")
        if is_delivery(path, landing)
    }
    return sorted(names - set(claimed))


def is_delivery(path: Path, landing: Path) -> bool:
    """Hidden files and files still being written are none."""
    parts = path.relative_to(landing).parts
    is_hidden = any(part.startswith(".") for part in parts)
    return not is_hidden and path.suffix not in UNFINISHED and path.is_file()


def name_below(landing: Path, path: Path) -> str:
    """The path of a file below the landing folder, whatever bytes it is made of."""
    relative = path.relative_to(landing).as_posix()
    return os.fsencode(relative).decode("utf-8", "backslashreplace")


def _as_delivered(content: Content | None, aliases: dict[str, str]) -> Content | None:
    """A file from which somebody was erased is still the same delivery."""
    if content and content.sha256 in aliases:
        return replace(content, sha256=aliases[content.sha256])
    return content


class _Look:
    """Looks at files; says of which nothing can be known yet."""

    def __init__(
        self, settings: Settings, known: dict[str, tuple[int, int, int, str]]
    ) -> None:
        self.settings = settings
        self.known = known
        self.waiting: dict[str, str] = {}

    def at(self, path: Path, name: str) -> Content | None:
        try:
            return self._content(path, name)
        except FileNotFoundError:
            self.waiting[name] = "disappeared"
        return None

    def _content(self, path: Path, name: str) -> Content | None:
        stamp = _stamp(path)
        *same, sha256 = self.known.get(name, (0, 0, 0, ""))
        home = self.settings.home
        if tuple(same) == stamp and landed_path(home, sha256, name).exists():
            return Content(stamp, sha256)
        age = time.time() - stamp[1] / 1e9
        if 0 <= age < self.settings.settle_seconds:
            self.waiting[name] = f"written {age:.0f} s ago, may still be growing"
            return None
        try:
            sha256 = keep_copy(home, path, name)
        except UnreadableError as error:
            return Content(stamp, name, str(error))
        if _stamp(path) != stamp:
            self.waiting[name] = "still being written"
            return None
        return Content(stamp, sha256)


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
