"""Dated waivers: a person accepts the failure of one check until a date.

Kept in `$HOME/status/waivers.jsonl`, outside every release, and shown in each.
"""

import json
import os
import pwd
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from dagster_project.declarations import did_you_mean
from dagster_project.errors import SegmentsError, UsageError
from dagster_project.settings import Settings


@dataclass(frozen=True)
class Waiver:
    """One accepted failure: a check, from a night on, until a date (inclusive)."""

    check: str
    as_of: date
    until: date
    reason: str
    owner: str

    @property
    def text(self) -> str:
        """Who accepted it, until when and why."""
        return f"{self.owner} until {self.until}: {self.reason}"


def waivers_file(settings: Settings) -> Path:
    """Where the waivers of a home are kept."""
    return settings.home / "status" / "waivers.jsonl"


def accept_check(
    settings: Settings,
    waiver_of: str,
    as_of: date,
    until: date,
    reason: str,
    known_checks: Collection[str] = (),
) -> Waiver:
    """Add a waiver for a check, named `check` or `schema.table.check`.

    Raises UsageError for an empty reason, an end before the night, or a name that is
    not among the known checks (when they are given).
    """
    if not reason.strip():
        raise UsageError("--reason: say why this failure is acceptable")
    if until < as_of:
        raise UsageError(f"--until {until} is before the night of {as_of}")
    if known_checks and waiver_of not in known_checks:
        near = did_you_mean(waiver_of, known_checks)
        raise UsageError(f"--check: no check {waiver_of!r} ran on {as_of}{near}")
    waiver = Waiver(waiver_of, as_of, until, reason.strip(), _os_user())
    _append(waivers_file(settings), json.dumps(asdict(waiver), default=str))
    return waiver


def load_waivers(settings: Settings) -> list[Waiver]:
    """All waivers ever given, in order.

    A line that cannot be read (torn by a crash) waives nothing.
    """
    path = waivers_file(settings)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    read = [_read(line) for line in lines]
    return [waiver for waiver in read if waiver]


def waivers_in_force(settings: Settings, as_of: date) -> list[Waiver]:
    """Those that cover the night of `as_of`."""
    return [w for w in load_waivers(settings) if w.as_of <= as_of <= w.until]


def _read(line: str) -> Waiver | None:
    try:
        data = json.loads(line)
        dates = {k: date.fromisoformat(data[k]) for k in ("as_of", "until")}
        return Waiver(**{**data, **dates})
    except (ValueError, TypeError, KeyError):
        return None


def _append(path: Path, line: str) -> None:
    """One write in append mode, so that two writers never mix their lines.

    It begins with a line break, so that a torn line before it stays alone.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(f"\n{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SegmentsError(f"{path}: the waiver was not kept: {error}") from error


def _os_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
