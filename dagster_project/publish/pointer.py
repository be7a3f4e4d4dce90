"""Which release is current, which are accepted, and what comes before a night.

Accepted = published and not withdrawn by a rollback, as the publish log tells.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from dagster_project.errors import SegmentsError
from dagster_project.publish.catalogue import (
    Release,
    list_releases,
    parse_release_id,
    releases_folder,
)
from dagster_project.publish.durable import TEMPORARY, readable_errors, sync
from dagster_project.publish.status import (
    CurrentStatus,
    LogEntry,
    append_log,
    read_log,
    write_current_status,
)
from dagster_project.settings import Settings

CURRENT = "current"


def current_link(settings: Settings) -> Path:
    """The symbolic link that BI tools follow."""
    return releases_folder(settings) / CURRENT


def current_release(settings: Settings) -> Release | None:
    """The release that BI tools read; None before the first.

    Raises SegmentsError when the link leads nowhere.
    """
    release_id = _current_id(settings)
    if release_id is None:
        return None
    link = current_link(settings)
    if not link.is_dir():
        raise SegmentsError(
            f"{link} leads to {release_id}, which is not there: "
            "`segments releases rollback` to one that is"
        )
    return Release(release_id, link.parent / release_id)


def make_current(settings: Settings, release: Release) -> bool:
    """Swap `current` to a new release, unless a newer one is current.

    Returns whether it was swapped: a night older than `current` never moves it.
    """
    current = current_release(settings)
    if current and current.order > release.order:
        return False
    point_to(settings, release)
    return True


def point_to(settings: Settings, release: Release) -> None:
    """Swap `current` atomically: a reader follows the old link or the new one."""
    with readable_errors(f"making {release.release_id} current"):
        link = current_link(settings)
        temporary = link.with_name(f"{TEMPORARY}{CURRENT}")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(release.release_id)
        temporary.replace(link)
        sync(link.parent)


def record(settings: Settings, entry: LogEntry) -> None:
    """Write what became of a night into the publish log and the current status."""
    append_log(settings, entry)
    refresh_status(settings, entry)


def refresh_status(settings: Settings, last: LogEntry) -> None:
    """Write the current status: what BI reads now, and the last attempt."""
    current = current_release(settings)
    write_current_status(
        settings,
        CurrentStatus(
            current_release=current.release_id if current else None,
            current_as_of=current.as_of if current else None,
            last=last,
        ),
    )


def accepted_releases(settings: Settings) -> list[Release]:
    """Releases that were published, are not withdrawn and are still kept; oldest first.

    The current one is always among them: a run may be killed after the swap and before
    the log.
    """
    accepted = _accepted_ids(read_log(settings))
    accepted.add(_current_id(settings) or "")
    return [r for r in list_releases(settings) if r.release_id in accepted]


def predecessor(settings: Settings, as_of: date) -> Release | None:
    """The newest accepted release of an earlier night; None on the first night."""
    earlier = [r for r in accepted_releases(settings) if r.as_of < as_of]
    return earlier[-1] if earlier else None


def next_release_id(settings: Settings, as_of: date) -> str:
    """The id of the next try at a night; no id is used twice, not even a held one."""
    used = [release.release_id for release in list_releases(settings)]
    used += [e.release_id for e in read_log(settings) if e.release_id]
    tries = [number for day, number in map(parse_release_id, used) if day == as_of]
    return f"{as_of}-{max(tries, default=0) + 1}"


def _current_id(settings: Settings) -> str | None:
    link = current_link(settings)
    with readable_errors("reading the current release"):
        return link.readlink().name if link.is_symlink() else None


def _accepted_ids(log: Iterable[LogEntry]) -> set[str]:
    accepted: set[str] = set()
    for entry in log:
        if entry.decision == "published" and entry.release_id:
            accepted.add(entry.release_id)
        accepted.difference_update(entry.withdrawn)
        accepted.update(entry.reinstated)
    return accepted
