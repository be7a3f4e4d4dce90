"""What the commands about deliveries share: the ledger, and how files are shown."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from dagster_project.commands import screen
from dagster_project.commands.progress import Progress
from dagster_project.errors import SegmentsError
from dagster_project.ingest.ledger import LedgerRow, ledger_path, open_ledger
from dagster_project.ingest.operate import Reread
from dagster_project.publish.lock import night_lock
from dagster_project.settings import Settings

COLUMNS = ("path", "lines", "loaded", "quarantined", "known", "blank", "status")
OfSource = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="Only of this source.")
]


def show_files(
    found: Iterable[LedgerRow], beside: dict[str, Sequence[object]] | None = None
) -> None:
    """Print files with their counts and reasons; `beside`: more columns by title."""
    known = list(found)
    more = beside or {}
    if known:
        paths = {row.path for row in known}
        # One delivery may feed several sources: without them its lines look alike.
        names = COLUMNS if len(paths) == len(known) else (*COLUMNS, "source")
        listed = [[getattr(row, name) for name in names] for row in known]
        titles = (*names, *more)
        screen.table(
            titles,
            [[*row, *rest] for row, *rest in zip(listed, *more.values(), strict=True)],
        )
    for row in known:
        if row.reason:
            screen.paragraph(f"{row.path}: {row.reason}", "  ", "  ")


def plain(row: LedgerRow) -> dict[str, Any]:
    """A file for a program."""
    names = ("file_id", "source", "feed", *COLUMNS, "filtered", "reason")
    return {name: getattr(row, name) for name in names}


@contextmanager
def readable(settings: Settings) -> Iterator[None]:
    """A ledger that cannot be used, as a message that names it."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        path = ledger_path(settings)
        raise SegmentsError(f"{path}: the ledger cannot be used: {error}") from error


@contextmanager
def at_work(
    settings: Settings, purpose: str, wait: float, quiet: bool
) -> Iterator[Progress]:
    """The lock of the home, and a line that says what is being done."""
    with (
        night_lock(settings, purpose, wait),
        readable(settings),
        Progress(purpose, quiet) as progress,
    ):
        yield progress


def show_reread(found: list[Reread], json: bool) -> None:
    """Print files before and after they were read again."""
    if json:
        screen.as_json(
            [
                {**plain(one.after), "was": plain(one.before), "won": one.won}
                for one in found
            ]
        )
    elif not found:
        screen.say("No file has rows in quarantine, and none is rejected.")
    else:
        titles = ("path", "was", "is", "quarantined", "then", "rows won")
        screen.table(titles, [_before_and_after(one) for one in found])
        for one in found:
            if one.after.status == "rejected":
                screen.paragraph(f"{one.after.path}: {one.after.reason}", "  ", "  ")
        screen.say("The next night computes the days that changed.")


def _before_and_after(one: Reread) -> list[object]:
    before, after = one.before, one.after
    return [
        after.path, before.status, after.status,
        before.quarantined, after.quarantined, one.won,
    ]  # fmt: skip


def ledger_rows(settings: Settings) -> list[LedgerRow]:
    """Every file ever seen, in the order of delivery."""
    if not ledger_path(settings).exists():
        return []
    with readable(settings), open_ledger(settings) as ledger:
        return ledger.rows()
