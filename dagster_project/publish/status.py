"""What became of each night: `$HOME/status/`, outside every release.

A release holds only the facts of its own night; held and failed nights are here.
"""

import json
import logging
import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dagster_project.publish.catalogue import RELEASE_ID
from dagster_project.publish.durable import readable_errors, sync, write_atomically
from dagster_project.settings import Settings

Decision = Literal["published", "held", "failed", "killed", "rolled_back"]
LOG = "publish_log.jsonl"
CURRENT_STATUS = "current_status.json"

logger = logging.getLogger(__name__)


class LogEntry(BaseModel):
    """One attempt at a night, or one rollback.

    Attributes:
        at: when it ended, with time zone.
        as_of: the night.
        release_id: the release tried, or rolled back to.
        decision: what became of it.
        reasons: in words, for held, failed and rolled_back.
        run_id: of the orchestrator.
        seconds: how long it took.
        content_hash: of the release, when published.
        withdrawn: releases that a rollback took out of use.
        reinstated: releases that a rollback took into use again.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    as_of: date
    release_id: str | None = Field(None, pattern=rf"^{RELEASE_ID.pattern}$")
    decision: Decision
    reasons: tuple[str, ...] = ()
    run_id: str | None = None
    seconds: float | None = None
    content_hash: str | None = None
    withdrawn: tuple[str, ...] = ()
    reinstated: tuple[str, ...] = ()


class CurrentStatus(BaseModel):
    """One row: the release that BI reads, and the last attempt."""

    model_config = ConfigDict(frozen=True)

    current_release: str | None
    current_as_of: date | None
    last: LogEntry


def status_folder(settings: Settings) -> Path:
    """Where the status files lie."""
    return settings.home / "status"


def append_log(settings: Settings, entry: LogEntry) -> None:
    """Add one line to the publish log and force it to the disk.

    A line torn by a power cut stays alone: the new entry begins on a line of its own.
    """
    with readable_errors("writing the publish log"):
        folder = status_folder(settings)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOG
        line = entry.model_dump_json() + "\n"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            start = "\n" if _ends_inside_a_line(descriptor) else ""
            os.write(descriptor, (start + line).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync(folder)


def read_log(settings: Settings) -> list[LogEntry]:
    """Every attempt, oldest first. Torn lines are skipped and named in the log."""
    path = status_folder(settings) / LOG
    with readable_errors("reading the publish log"):
        lines = path.read_bytes().splitlines() if path.exists() else []
    return list(_entries(path, lines))


def write_current_status(settings: Settings, status: CurrentStatus) -> None:
    """Replace `current_status.json` atomically."""
    with readable_errors("writing the current status"):
        text = json.dumps(status.model_dump(mode="json"), indent=2, sort_keys=True)
        write_atomically(status_folder(settings) / CURRENT_STATUS, text + "\n")


def read_current_status(settings: Settings) -> CurrentStatus | None:
    """The current status, None before the first attempt."""
    path = status_folder(settings) / CURRENT_STATUS
    with readable_errors("reading the current status"):
        if not path.exists():
            return None
        return CurrentStatus.model_validate_json(path.read_text(encoding="utf-8"))


def _ends_inside_a_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _entries(path: Path, lines: list[bytes]) -> Iterable[LogEntry]:
    for number, line in enumerate(lines, start=1):
        try:
            yield LogEntry.model_validate_json(line)
        except ValidationError:
            logger.warning("%s, line %s: not a whole entry, skipped", path, number)
