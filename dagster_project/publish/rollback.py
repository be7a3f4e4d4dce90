"""Makes an earlier release current again.

Nothing is deleted: withdrawn releases stay on disk until they are pruned.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from dagster_project.errors import SegmentsError
from dagster_project.publish.catalogue import (
    Release,
    find_release,
    list_releases,
    parse_release_id,
)
from dagster_project.publish.lock import night_lock
from dagster_project.publish.pointer import (
    accepted_releases,
    point_to,
    refresh_status,
)
from dagster_project.publish.status import LogEntry, append_log
from dagster_project.publish.verify import verify
from dagster_project.settings import Settings


def rollback(settings: Settings, release_id: str, reason: str = "") -> Release:
    """Make an earlier release current again, within the lock of this home.

    Newer releases are withdrawn: the next night continues from this one. Rolling back
    to a withdrawn release takes it and those it was built on into use again.

    Raises:
        UsageError: there is no such release.
        SegmentsError: it does not match its manifest.
        AnotherRunInProgress: a night is running.
    """
    release = find_release(settings, release_id)
    with night_lock(settings, f"rollback to {release_id}", wait_seconds=0):
        if problems := verify(settings, release_id):
            raise SegmentsError(
                f"release {release_id} is damaged and was not made current:\n"
                + "\n".join(problems)
            )
        accepted = {r.release_id for r in accepted_releases(settings)}
        entry = LogEntry(
            at=datetime.now(UTC),
            as_of=release.as_of,
            release_id=release_id,
            decision="rolled_back",
            reasons=(reason,) if reason else (),
            content_hash=release.content_hash,
            withdrawn=_newer(accepted, release),
            reinstated=_withdrawn_chain(settings, release, accepted),
        )
        # Logged first: killed in between, BI and the next night agree on the old one.
        append_log(settings, entry)
        point_to(settings, release)
        refresh_status(settings, entry)
    return release


def _newer(accepted: Iterable[str], release: Release) -> tuple[str, ...]:
    newer = [r for r in accepted if parse_release_id(r) > release.order]
    return tuple(sorted(newer, key=parse_release_id))


def _withdrawn_chain(
    settings: Settings, release: Release, accepted: Collection[str]
) -> tuple[str, ...]:
    """The release and those it was built on, back to the first that is accepted."""
    kept = {r.release_id: r for r in list_releases(settings)}
    chain: list[str] = []
    step: Release | None = release
    while step and step.release_id not in accepted:
        chain.append(step.release_id)
        step = kept.get(step.manifest["predecessor"] or "")
    return tuple(chain)
