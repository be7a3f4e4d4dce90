"""Which releases are kept, and what a killed run left behind."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from dagster_project.publish.catalogue import Release, list_releases, releases_folder
from dagster_project.publish.durable import TEMPORARY, readable_errors, sync
from dagster_project.publish.pointer import (
    accepted_releases,
    current_release,
    record,
)
from dagster_project.publish.status import LogEntry, read_log, status_folder
from dagster_project.settings import Settings

KEEP = 30


def clean_leftovers(settings: Settings) -> list[str]:
    """Remove what a killed run left behind; call it under the lock.

    Half-written releases and temporary files go. A release that was made current by a
    run that died before it could log is logged now. Returns the names removed.
    """
    with readable_errors("removing the leftovers of a killed run"):
        folders = (releases_folder(settings), status_folder(settings))
        leftovers = [p for f in folders for p in sorted(f.glob(f"{TEMPORARY}*"))]
        for path in leftovers:
            _remove(path)
    _log_the_unlogged(settings)
    return [path.name for path in leftovers]


def prune_releases(settings: Settings, keep: int = KEEP) -> list[str]:
    """Delete old releases and return their ids; call it under the lock.

    Kept are the newest `keep` folders, the last accepted release of each month, and,
    whatever its age, the current release with the one it was built on.
    """
    releases = list_releases(settings)
    kept = {r.release_id for r in releases[-keep:]} if keep > 0 else set()
    months = {(r.as_of.year, r.as_of.month): r for r in accepted_releases(settings)}
    kept |= {release.release_id for release in months.values()}
    if current := current_release(settings):
        kept |= {current.release_id, current.manifest.get("predecessor") or ""}
    surplus = [r for r in releases if r.release_id not in kept]
    with readable_errors("removing old releases"):
        for release in surplus:
            _withdraw_and_remove(release)
    return [release.release_id for release in surplus]


def _withdraw_and_remove(release: Release) -> None:
    # Renamed first: a kill in the middle leaves no half release under a good name.
    doomed = release.folder.with_name(f"{TEMPORARY}removed-{release.release_id}")
    release.folder.rename(doomed)
    sync(doomed.parent)
    shutil.rmtree(doomed)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _log_the_unlogged(settings: Settings) -> None:
    current = current_release(settings)
    if current is None:
        return
    if any(entry.release_id == current.release_id for entry in read_log(settings)):
        return
    entry = LogEntry(
        at=datetime.now(UTC),
        as_of=current.as_of,
        release_id=current.release_id,
        decision="published",
        reasons=("its run ended after the swap and before it was logged",),
        content_hash=current.content_hash,
    )
    record(settings, entry)
