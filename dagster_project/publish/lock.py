"""One night at a time: the lock of a home.

The system frees it when its process dies; nothing has to be cleaned up.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dagster_project.errors import AnotherRunInProgress
from dagster_project.publish.durable import readable_errors
from dagster_project.publish.status import status_folder
from dagster_project.settings import Settings

LOCK = "night.lock"
WAIT_SECONDS = 600.0
# A glance by `lock_holder` takes the lock for an instant: never give up before it.
LEAST_WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class LockHolder:
    """Who holds the lock, as far as the lock file tells."""

    pid: int | None
    purpose: str


@contextmanager
def night_lock(
    settings: Settings, purpose: date | str, wait_seconds: float = WAIT_SECONDS
) -> Iterator[None]:
    """Hold the lock of this home; with `wait_seconds=0` it is taken now or not at all.

    Child processes do not inherit it. Raises AnotherRunInProgress, naming the process
    that holds it, when it is not free in time.
    """
    with readable_errors("taking the lock of this home"):
        path = _lock_file(settings)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, path, wait_seconds)
        _write(descriptor, f"{os.getpid()} {purpose}\n")
        yield
    finally:
        os.close(descriptor)


def lock_holder(settings: Settings) -> LockHolder | None:
    """Who holds the lock now; None when it is free."""
    path = status_folder(settings) / LOCK
    with readable_errors("looking at the lock of this home"):
        return _holder(path) if path.exists() else None


def _holder(path: Path) -> LockHolder | None:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(path)
    return None


def _lock_file(settings: Settings) -> Path:
    folder = status_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / LOCK


def _acquire(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + max(wait_seconds, LEAST_WAIT_SECONDS)
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise AnotherRunInProgress(_busy(path))
        time.sleep(min(remaining, max(wait_seconds / 600, 0.02)))


def _busy(path: Path) -> str:
    holder = _read_holder(path)
    who = f"process {holder.pid} ({holder.purpose})" if holder.pid else "a process"
    return f"another run is in progress: {who} holds {path}; wait for it or end it"


def _read_holder(path: Path) -> LockHolder:
    pid, _, purpose = path.read_text(encoding="utf-8").strip().partition(" ")
    return LockHolder(int(pid) if pid.isdigit() else None, purpose)


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
