"""`segments inspect` and `segments accept`: a held night and what to do about it.

Reading the night is in `held_night.py`, keeping a waiver in `gates/waivers.py`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import typer

from dagster_project.commands import screen
from dagster_project.commands.held_night import (
    failed_checks,
    find_held,
    open_held,
    would_have_published,
)
from dagster_project.commands.options import AsJson, a_day
from dagster_project.errors import UsageError
from dagster_project.gates.waivers import accept_check
from dagster_project.settings import load_settings

Night = Annotated[date, typer.Argument(parser=a_day, metavar="D", help="The night.")]
Check = Annotated[str, typer.Option(help="`schema.table.check`, as inspect names it.")]
Reason = Annotated[str, typer.Option(help="Why the failure is acceptable.")]
Until = Annotated[
    date, typer.Option(parser=a_day, metavar="DATE", help="The last night it covers.")
]


def inspect(as_of: Night, json: AsJson = False) -> None:
    """Show why a night was held.

    And what it would have published, beside the current release.
    """
    found = would_have_published(load_settings(), as_of)
    screen.as_json(found) if json else _show(found)


def accept(as_of: Night, check: Check, reason: Reason, until: Until) -> None:
    """Accept a failed check until a date.

    The next run of the night passes it. The waiver is kept with your name and shown in
    every release that it covers.
    """
    settings = load_settings()
    with open_held(find_held(settings, as_of), None) as connection:
        failed = failed_checks(connection, [])
    known = {one[key] for one in failed for key in ("check", "check_name")}
    if not known:
        raise UsageError(
            f"no check of {as_of} failed: it was held because results are missing, "
            "which nobody can accept; run the night again"
        )
    waiver = accept_check(settings, check, as_of, until, reason, sorted(known))
    screen.say(f"Accepted: {waiver.check}, by {waiver.text}")
    screen.say(f"Now run the night again: segments run --as-of {as_of}")


def _show(found: dict[str, Any]) -> None:
    day = found["as_of"]
    screen.say(f"The night of {day} was held as {found['held']}.")
    screen.say(f"Its tables: {found['file']}")
    stopping = [f for f in found["failed_checks"] if f["severity"] == "critical"]
    warning = [f for f in found["failed_checks"] if f["severity"] != "critical"]
    _show_checks("What stopped it", stopping)
    if not stopping:
        screen.heading("What stopped it")
        for reason in found["reasons"] or ["the log does not say"]:
            screen.paragraph(reason, indent="  ", hanging="  ")
    _show_checks("Warnings", warning)
    _show_base(found)
    _show_sizes(found)
    screen.heading("What to do")
    screen.say(f"  deliver right files, then   segments run --as-of {day}")
    screen.say(f"  or accept a failed check    segments accept {day} --check NAME \\")
    screen.say(f"                                --reason TEXT --until {day}")


def _show_checks(title: str, failed: list[dict[str, Any]]) -> None:
    if failed:
        screen.heading(title)
    for one in failed:
        screen.say(f"  {one['check']}")
        for line in _about(one):
            screen.paragraph(line, indent="    ", hanging="  ")


def _about(failed: dict[str, Any]) -> Iterator[str]:
    yield f"{failed['observed']}; expected {failed['expected']}"
    if failed["sample_keys"]:
        yield f"for example {failed['sample_keys']}"
    if failed["why"]:
        yield f"{failed['why']}"
    if failed["accepted"]:
        yield f"accepted by {failed['accepted']}"


def _show_base(found: dict[str, Any]) -> None:
    if not found["base"]:
        screen.heading("It was stopped before the features of customers were computed.")
        return
    screen.heading(f"Held, and in the current release {found['current'] or '(none)'}")
    keys = ("measure", "held", "current", "change")
    screen.table(("", *keys[1:]), [[one[key] for key in keys] for one in found["base"]])


def _show_sizes(found: dict[str, Any]) -> None:
    if found["segments"]:
        screen.heading("Customers in each segment")
        keys = ("model", "segment", "held", "current", "change")
        sizes = found["segments"]
        screen.table(keys, [[size[key] for key in keys] for size in sizes])
