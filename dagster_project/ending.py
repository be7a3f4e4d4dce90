"""How a night ends: its line in the publish log and its state."""

from datetime import UTC, datetime
from typing import Literal

from dagster_project import state
from dagster_project.publish import pointer
from dagster_project.publish.catalogue import Release
from dagster_project.publish.status import LogEntry
from dagster_project.tonight import Tonight

Decision = Literal["published", "held", "failed"]


def log_attempt(
    tonight: Tonight,
    decision: Decision,
    reasons: list[str],
    release: Release | None,
    run_id: str,
    seconds: float,
) -> str:
    """Write what became of the attempt and return the release id that it used."""
    settings = tonight.settings
    release_id = (
        release.release_id
        if release
        else pointer.next_release_id(settings, tonight.as_of)
    )
    entry = LogEntry(
        at=datetime.now(UTC),
        as_of=tonight.as_of,
        release_id=release_id,
        decision=decision,
        reasons=tuple(reasons),
        run_id=run_id,
        seconds=seconds,
        content_hash=release.content_hash if release else None,
    )
    pointer.record(settings, entry)
    return release_id


def keep_state(tonight: Tonight, release: Release) -> None:
    """Make the work file of an accepted night the state of its release."""
    settings = tonight.settings
    state.keep(
        settings,
        release.release_id,
        tonight.as_of,
        tonight.kept_tables,
        tonight.context,
    )
