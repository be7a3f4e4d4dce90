"""`segments run`: one night, or one and all later ones, in order.

The night itself is the job of the orchestrator, or `run.run_night` without it.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from typing import Annotated

import typer

from dagster_project.commands import screen
from dagster_project.commands.attempt import (
    EXIT_CODES,
    Attempt,
    as_plain,
    attempt_since,
    show_attempt,
)
from dagster_project.commands.options import AsJson, Wait, a_day
from dagster_project.commands.progress import Progress
from dagster_project.commands.validate import Declared, refuse
from dagster_project.errors import NightHeld, UsageError
from dagster_project.publish.lock import WAIT_SECONDS, lock_holder, night_lock
from dagster_project.publish.pointer import current_release
from dagster_project.publish.status import read_log
from dagster_project.settings import Settings, load_settings

Day = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=a_day, metavar="D", help="The night. Default: yesterday."
    ),
]
First = Annotated[
    date | None,
    typer.Option(
        "--from",
        parser=a_day,
        metavar="D",
        help="Rebuild this night and every later one, in order.",
    ),
]
Alone = Annotated[
    bool,
    typer.Option(
        "--without-dagster", help="In this process only: nothing appears in the UI."
    ),
]


def run(
    as_of: Day = None,
    first: First = None,
    wait: Wait = WAIT_SECONDS,
    without_dagster: Alone = False,
    json: AsJson = False,
) -> None:
    """Run a night, from landed files to a release.

    Exit code 0: published. 3: held by a gate, the last release stays. 1: failed.
    2: wrong usage or declaration, nothing was started.
    """
    settings = load_settings()
    nights = nights_to_run(settings, as_of, first)
    check_what_is_read(settings)
    await_the_lock(settings, nights[0], wait, quiet=json)
    attempts = []
    for attempt in _attempts(
        settings, nights, first is not None, without_dagster, json
    ):
        attempts.append(attempt)
        if not json:
            show_attempt(settings, attempt)
    if json:
        screen.as_json({"nights": [as_plain(attempt) for attempt in attempts]})
    raise typer.Exit(EXIT_CODES[attempts[-1].decision])


def nights_to_run(
    settings: Settings, as_of: date | None, first: date | None
) -> list[date]:
    """The nights of a call, in order.

    Raises UsageError for one that cannot run: not over yet, or older than the current
    release without `--from`.
    """
    from dagster_project.run import check_as_of, nights_from, yesterday

    last = as_of or yesterday(settings)
    check_as_of(settings, last)
    if first:
        nights = list(nights_from(settings, first, last))
        check_as_of(settings, first)
        return nights
    current = current_release(settings)
    if current and current.as_of > last:
        raise UsageError(
            f"{last} is older than the current release {current.release_id}: "
            f"`segments run --from {last}` rebuilds it and every later night in order"
        )
    return [last]


def check_what_is_read(settings: Settings) -> None:
    """Refuse a night that could not even begin, before a run of it is created.

    Raises UsageError without a landing folder, DeclarationError for what is wrong in
    any declaration.
    """
    refuse(Declared(settings).problems)
    if not settings.landing_folder.is_dir():
        raise UsageError(
            f"{settings.landing_folder}: no landing folder. Deliver files there, point "
            "SEGMENTS_LANDING to where they are, or make sample files with "
            "`segments demo`."
        )


def await_the_lock(
    settings: Settings, purpose: date | str, wait: float, quiet: bool = False
) -> None:
    """Wait until no other run is in progress, saying who it is.

    Raises AnotherRunInProgress when it is not over in time, SegmentsError when the home
    cannot be written.
    """
    holder = lock_holder(settings)
    with Progress("waiting", quiet) if holder and wait else nullcontext() as progress:
        if holder and progress:
            who = f"process {holder.pid} ({holder.purpose})"
            progress.say(f"{who} is at work in {settings.home}")
        with night_lock(settings, purpose, wait):
            pass


def _attempts(
    settings: Settings, nights: list[date], rebuilding: bool, alone: bool, quiet: bool
) -> Iterator[Attempt]:
    """Each night with what became of it, up to the first that is not published."""
    for night in nights:
        earlier = len(read_log(settings))
        with Progress(f"night of {night}", quiet) as progress:
            work = _in_this_process if alone else _as_a_job
            decision = work(settings, night, rebuilding, progress)
        attempt = attempt_since(settings, night, decision, earlier)
        yield attempt
        if attempt.decision != "published":
            return


def _as_a_job(
    settings: Settings, night: date, rebuilding: bool, progress: Progress
) -> str:
    from dagster_project.defs.launch import run_job

    return run_job(settings, night, progress.stage, rebuilding)


def _in_this_process(
    settings: Settings, night: date, rebuilding: bool, progress: Progress
) -> str:
    from dagster_project.run import run_night

    try:
        run_night(
            settings,
            night,
            rebuilding=rebuilding,
            say=progress.say,
            on_stage=progress.stage,
        )
    except NightHeld:
        return "held"
    return "published"
