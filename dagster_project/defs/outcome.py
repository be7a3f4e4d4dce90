"""What became of a run: published, held, failed, partial or killed."""

import time
from typing import Literal

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from dagster_project.publish.catalogue import Release
from dagster_project.publish.lock import WAIT_SECONDS

OUTCOME = "segments/outcome"
# Until the verdict; a re-execution in the UI inherits the tags of the run before it.
RUNNING = "running"
HOLDER = "segments/holder"
REBUILDING = "segments/rebuilding"
PUBLISH_STEP = "publish__release"

HELD_BY = {"DagsterAssetCheckFailedError", "NightHeld"}
UNFINISHED = [
    DagsterRunStatus.STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.CANCELING,
]
# A run may start, wait for the lock as long as anybody does, or end for so long.
GRACE_SECONDS = WAIT_SECONDS + 180.0


Outcome = Literal["published", "held", "failed", "partial"]


def outcome_of(
    instance: dg.DagsterInstance, run_id: str, release: Release | None
) -> tuple[Outcome, list[str]]:
    """The verdict about a run that ends now, with its reasons.

    The verdict is whether something was published, never the run's own status: Dagster
    calls a run that skipped every later step a success.
    """
    if release is not None:
        return "published", []
    causes = [_cause(record) for record in _failures(instance, run_id)]
    if not causes:
        return _without_failure(instance, run_id)
    reasons = [line for _, message in causes for line in message.strip().splitlines()]
    held = all(name in HELD_BY for name, _ in causes)
    return ("held" if held else "failed"), reasons[:20]


def bury_dead(instance: dg.DagsterInstance, but: str | None = None) -> list[str]:
    """Mark runs as failed whose process is gone; call it under the lock.

    Whoever held the lock, came to no verdict and is not me is dead: it would block the
    queue for ever. A run that waits for the lock lives, and so does one that has let go
    of it and is about to end, for as long as that may last.
    """
    buried = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=UNFINISHED)):
        run = record.dagster_run
        if run.run_id == but or _may_live(record):
            continue
        if not _has_verdict(run):
            # The failure wakes the sensors, which look at the tag.
            instance.add_run_tags(run.run_id, {OUTCOME: "killed"})
        instance.report_run_failed(run, "its process is gone")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        buried.append(run.run_id)
    return buried


def _may_live(record: dg.RunRecord) -> bool:
    if _held_the_lock(record.dagster_run) and not _has_verdict(record.dagster_run):
        return False
    return record.update_timestamp.timestamp() > time.time() - GRACE_SECONDS


def _held_the_lock(run: dg.DagsterRun) -> bool:
    return run.tags.get(HOLDER) == run.run_id


def _has_verdict(run: dg.DagsterRun) -> bool:
    return _held_the_lock(run) and run.tags.get(OUTCOME) != RUNNING


def _failures(instance: dg.DagsterInstance, run_id: str) -> list[dg.EventLogRecord]:
    found = instance.get_records_for_run(run_id, of_type=DagsterEventType.STEP_FAILURE)
    return list(found.records)


def _cause(record: dg.EventLogRecord) -> tuple[str, str]:
    event = record.event_log_entry.dagster_event
    error = event.step_failure_data.error if event else None
    if error is None:
        return "unknown", "a step failed without an error"
    while error.cause is not None and error.cls_name not in HELD_BY:
        error = error.cause
    name = error.cls_name or "unknown"
    # Dagster writes the full path of the class in front of the message.
    first, colon, rest = error.message.partition(": ")
    message = rest if colon and first.split(".")[-1] == name else error.message
    return name, message.split("\n\nStack")[0]


def _without_failure(
    instance: dg.DagsterInstance, run_id: str
) -> tuple[Outcome, list[str]]:
    run = instance.get_run_by_id(run_id)
    steps = run.step_keys_to_execute if run else None
    if steps is not None and PUBLISH_STEP not in steps:
        return "partial", []
    if run and run.asset_selection and not _selects_release(run):
        return "partial", []
    return "failed", ["the run ended without a release"]


def _selects_release(run: dg.DagsterRun) -> bool:
    return any(key.path == ["publish", "release"] for key in run.asset_selection or [])
