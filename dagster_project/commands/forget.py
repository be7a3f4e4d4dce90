"""`segments forget`: erase a customer or a person; how it is done is in `privacy/`."""

import sys
from typing import Annotated, Any

import typer

from dagster_project.commands import screen
from dagster_project.commands.options import AsJson, Wait
from dagster_project.commands.progress import Progress
from dagster_project.errors import SegmentsError, UsageError
from dagster_project.privacy.erase import erase, finish_erasures
from dagster_project.privacy.preview import (
    Preview,
    preview,
    releases_with,
    retention,
)
from dagster_project.privacy.request import Request, new_request
from dagster_project.privacy.resolve import Meant, resolve
from dagster_project.publish.catalogue import Release
from dagster_project.publish.lock import WAIT_SECONDS, night_lock
from dagster_project.settings import Settings, load_settings
from dagster_project.warehouse import connect

Who = Annotated[
    str,
    typer.Argument(
        metavar="WHO",
        help="A customer, e-mail address, phone, user or billing id; "
        "`user:7`, `billing:7` when both exist.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the proof, masked.")]


def forget(
    who: Who,
    yes: Yes = False,
    reason: Reason = "",
    wait: Wait = WAIT_SECONDS,
    json: AsJson = False,
) -> None:
    """Erase a customer or a person from everything but the releases.

    From deliveries, raw, quarantine, states, held nights and logs. What is dated before
    does not come back with a later delivery. Nobody can undo it.
    """
    settings = load_settings()
    with connect(settings=settings) as engine:
        meant = resolve(engine, settings, who)
        found = preview(engine, settings, meant)
        held = list(releases_with(engine, settings, meant))
    if not json:
        _show(found, meant)
    _confirm(yes)
    request = new_request(
        meant.subject, list(meant.persons), list(meant.customers), reason
    )
    with (
        night_lock(settings, "forget", wait),
        Progress("forget", quiet=json) as progress,
    ):
        finish_erasures(settings, progress.say)
        request = erase(settings, request, progress.stage)
    _report(settings, request, held, json)


def _show(found: Preview, meant: Meant) -> None:
    if not meant.persons and not meant.customers:
        screen.say(
            "The current release does not know this identifier: it alone counts."
        )
    screen.heading("Identifiers that will be erased and kept out")
    screen.facts(found.identifiers.items(), indent="  ")
    screen.heading("Rows")
    screen.facts(found.rows.items() or [("none", "in raw")], indent="  ")
    screen.heading("Deleted whole, because they only save work")
    screen.facts(found.deleted.items(), indent="  ")
    if found.was_erased:
        screen.say("All of these identifiers were erased before.")


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nothing was erased: --yes says that you mean it")
    if not typer.confirm("\nErase all of this? Nobody can undo it."):
        raise SegmentsError("nothing was erased")


def _report(
    settings: Settings, request: Request, held: list[tuple[Release, int]], json: bool
) -> None:
    if json:
        screen.as_json(_plain(settings, request, held))
    else:
        _say(settings, request, held)
    if request.not_reached:
        names = ", ".join(request.not_reached)
        raise SegmentsError(f"not erased, because they may not be written: {names}")


def _say(settings: Settings, request: Request, held: list[tuple[Release, int]]) -> None:
    screen.heading(f"Erased as {request.id} in {request.seconds:,.0f} s")
    rows = [(p, c["files"], c["rows"]) for p, c in sorted(request.touched.items())]
    screen.table(("place", "files", "rows"), rows)
    screen.say(f"Proof: {settings.home / 'privacy' / 'erasures.jsonl'}")
    if held:
        screen.heading("Releases that still hold them")
        for release, identifiers in held:
            screen.say(f"  {release.release_id}  {identifiers:,} identifiers")
        screen.paragraph(retention(), "  ", "  ")
    screen.say("Backups, and what others have copied, are not reached.")


def _plain(
    settings: Settings, request: Request, held: list[tuple[Release, int]]
) -> dict[str, Any]:
    return {
        "id": request.id,
        "asked_at": request.asked_at,
        "seconds": request.seconds,
        "touched": request.touched,
        "not_reached": request.not_reached,
        "proof": settings.home / "privacy" / "erasures.jsonl",
        "releases": {release.release_id: held_ids for release, held_ids in held},
        "retention": retention(),
    }
