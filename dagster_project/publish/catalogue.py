"""What releases are on disk: their names and folders.

Which of them is current or accepted is decided in `pointer.py`.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_project.declarations import did_you_mean
from dagster_project.errors import UsageError
from dagster_project.publish.durable import readable_errors
from dagster_project.publish.manifest import DATABASE, REPORT, read_manifest
from dagster_project.settings import Settings

RELEASE_ID = re.compile(r"(\d{4}-\d{2}-\d{2})-([1-9]\d*)")


@dataclass(frozen=True)
class Release:
    """One immutable release folder, named `<as_of>-<n>`."""

    release_id: str
    folder: Path

    @property
    def as_of(self) -> date:
        """The night of the release."""
        return parse_release_id(self.release_id)[0]

    @property
    def order(self) -> tuple[date, int]:
        """Later nights, and later tries of one night, come later."""
        return parse_release_id(self.release_id)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What is in the release; raises SegmentsError when it is not readable."""
        return read_manifest(self.folder)

    @property
    def content_hash(self) -> str:
        """The hash of all tables that are about customers."""
        return str(self.manifest["content_hash"])

    @property
    def report(self) -> Path:
        """The report page."""
        return self.folder / REPORT

    @property
    def database(self) -> Path:
        """The DuckDB file that BI tools open."""
        return self.folder / DATABASE

    def parquet(self, table: str) -> list[Path]:
        """The Parquet files of one table, in the order of its rows."""
        return [self.folder / name for name in self.manifest["tables"][table]["files"]]


def releases_folder(settings: Settings) -> Path:
    """Where the releases lie."""
    return settings.home / "releases"


def parse_release_id(release_id: str) -> tuple[date, int]:
    """Night and try of a release id.

    Raises UsageError when it is not of the form `<as_of>-<n>`.
    """
    match = RELEASE_ID.fullmatch(release_id)
    try:
        if match:
            return date.fromisoformat(match[1]), int(match[2])
    except ValueError:
        pass
    raise UsageError(f"{release_id!r} is not a release id, for example 2026-11-21-1")


def list_releases(settings: Settings) -> list[Release]:
    """Every complete release folder, oldest first."""
    with readable_errors("reading the releases"):
        folder = releases_folder(settings)
        names = [path for path in folder.glob("*-*") if RELEASE_ID.fullmatch(path.name)]
        found = [Release(path.name, path) for path in names if path.is_dir()]
    return sorted(found, key=lambda release: release.order)


def find_release(settings: Settings, release_id: str) -> Release:
    """The release of that id.

    Raises UsageError when there is none.
    """
    known = {release.release_id: release for release in list_releases(settings)}
    if release_id not in known:
        raise UsageError(
            f"no release {release_id!r} in {releases_folder(settings)}"
            f"{did_you_mean(release_id, known)}"
        )
    return known[release_id]
