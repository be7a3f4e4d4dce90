"""What became of a run: published, held, failed, partial or killed."""

import time
from typing import Literal

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus

from dagster_project.publish.catalogue import Release

OUTCOME = "segments/outcome"
REBUILDING = "segments/rebuilding"
PUBLISH_STEP = "publish__release"

HELD_BY = {"DagsterAssetCheckFailedError", "NightHeld"}
UNFINISHED = [
    DagsterRunStatus.STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.CANCELING,
]
# A run that was launched a moment ago has not taken the lock yet.
GRACE_SECONDS = 180.0


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

    Whoever held the lock and is not me is dead. Such a run would block the queue for
    ever.
    """
    buried = []
    oldest = time.time() - GRACE_SECONDS
    for record in instance.get_run_records(dg.RunsFilter(statuses=UNFINISHED)):
        run = record.dagster_run
        waits = run.status == DagsterRunStatus.STARTING and (
            record.update_timestamp.timestamp() > oldest
        )
        if run.run_id == but or waits:
            continue
        # The failure wakes the sensors, which look at the tag.
        instance.add_run_tags(run.run_id, {OUTCOME: "killed"})
        instance.report_run_failed(run, "its process is gone; nothing was published")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        buried.append(run.run_id)
    return buried


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
