"""What became of a night that was just run, in words.

The facts come from the publish log, which the night itself writes.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dagster_project.commands import screen
from dagster_project.publish.catalogue import Release, find_release
from dagster_project.publish.pointer import current_release
from dagster_project.publish.status import LogEntry, read_log
from dagster_project.settings import Settings

EXIT_CODES = {"published": 0, "held": 3, "failed": 1}


@dataclass(frozen=True)
class Attempt:
    """One try at a night: published, held or failed."""

    as_of: date
    decision: str
    entry: LogEntry | None
    release: Release | None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it was held or failed; the warnings of one that was published."""
        return self.entry.reasons if self.entry else ()


def attempt_since(
    settings: Settings, as_of: date, decision: str, earlier: int
) -> Attempt:
    """The last try at a night that is among the log's entries after `earlier`.

    An outcome that is not one of the three counts as failed.
    """
    known = decision if decision in EXIT_CODES else "failed"
    entries = [e for e in read_log(settings)[earlier:] if e.as_of == as_of]
    entry = entries[-1] if entries else None
    is_out = known == "published" and entry is not None and entry.release_id
    release = find_release(settings, str(is_out)) if is_out else None
    return Attempt(as_of, known, entry, release)


def show_attempt(settings: Settings, attempt: Attempt) -> None:
    """Print what became of a night and what to do next."""
    match attempt.decision:
        case "published":
            _show_published(settings, attempt)
        case "held":
            _show_held(settings, attempt)
        case _:
            screen.say(f"The night of {attempt.as_of} failed.{_staying(settings)}")
            _show_reasons(attempt.reasons)
            screen.say("`--debug` shows more; `segments status` lists the last nights.")


def as_plain(attempt: Attempt) -> dict[str, Any]:
    """The attempt for a program."""
    entry, release = attempt.entry, attempt.release
    return {
        "as_of": attempt.as_of,
        "decision": attempt.decision,
        "release_id": entry.release_id if entry else None,
        "seconds": entry.seconds if entry else None,
        "reasons": list(attempt.reasons),
        "folder": release.folder if release else None,
        "report": release.report if release else None,
        "content_hash": release.content_hash if release else None,
    }


def _show_published(settings: Settings, attempt: Attempt) -> None:
    release = attempt.release
    name = release.release_id if release else f"a release of {attempt.as_of}"
    seconds = attempt.entry.seconds if attempt.entry else None
    took = f" in {seconds:,.0f} s" if seconds else ""
    screen.say(f"Published {name}{took}.")
    if not release:
        return
    screen.facts([("release", release.folder), ("report", release.report)], indent="  ")
    current = current_release(settings)
    if current and current.release_id != release.release_id:
        screen.say(f"  {current.release_id} stays current: it is of a later night.")
    if attempt.reasons:
        screen.say("Warnings:")
    _show_reasons(attempt.reasons)


def _show_held(settings: Settings, attempt: Attempt) -> None:
    day = attempt.as_of
    screen.say(f"The night of {day} is held by a gate.{_staying(settings)}")
    _show_reasons(attempt.reasons)
    screen.facts(
        [
            ("What it would have published:", f"segments inspect {day}"),
            ("To accept a check for a time:", f"segments accept {day} --check ..."),
        ]
    )


def _show_reasons(reasons: tuple[str, ...]) -> None:
    for reason in reasons:
        screen.paragraph(reason, indent="  ", hanging="  ")


def _staying(settings: Settings) -> str:
    current = current_release(settings)
    return f" {current.release_id} stays current." if current else ""
