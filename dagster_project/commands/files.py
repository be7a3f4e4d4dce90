"""`segments files`: what was delivered, and what to do about it.

What withdrawing and reading again mean is in `ingest/operate.py`.
"""

from typing import Annotated, get_args

import typer

from dagster_project.commands import screen
from dagster_project.commands.delivered import (
    OfSource,
    at_work,
    ledger_rows,
    plain,
    readable,
    show_files,
    show_reread,
)
from dagster_project.commands.options import AsJson, Wait
from dagster_project.errors import UsageError
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.ledger import LedgerRow, Status
from dagster_project.ingest.operate import reload, withdraw
from dagster_project.publish.lock import WAIT_SECONDS, night_lock
from dagster_project.settings import load_settings

files_app = typer.Typer(no_args_is_help=True, help="What was delivered.")

OfStatus = Annotated[
    str | None,
    typer.Option(
        "--status", metavar="S", help=f"One of {', '.join(get_args(Status))}."
    ),
]
Which = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="File id, or its beginning, or path below landing."
    ),
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it stays on record.")]


@files_app.command("list")
def list_files(
    source: OfSource = None, status: OfStatus = None, json: AsJson = False
) -> None:
    """List files in the order of delivery."""
    if status and status not in get_args(Status):
        raise UsageError(f"--status {status}: one of {', '.join(get_args(Status))}")
    every = ledger_rows(load_settings())
    found = [
        row
        for row in every
        if source in (None, row.source) and status in (None, row.status)
    ]
    if json:
        screen.as_json([plain(row) for row in found])
    elif found:
        show_files(found, {"file id": [row.file_id[:12] for row in found]})
    else:
        screen.say("No such file." if every else "No file was ever delivered.")


@files_app.command("withdraw")
def withdraw_file(which: Which, reason: Reason, wait: Wait = WAIT_SECONDS) -> None:
    """Take a file out of every later night; the ledger keeps it and the reason."""
    settings = load_settings()
    with night_lock(settings, "withdrawing a file", wait), readable(settings):
        found = withdraw(settings, which, reason)
    for row in found:
        if row.status == "withdrawn":
            screen.say(f"{_named(row)} was withdrawn before: {row.reason}")
        else:
            screen.say(f"{_named(row)}: {row.loaded:,} rows leave every later night.")
    screen.say(
        "Delivered again it stays withdrawn; `segments files reload` brings it back."
    )


@files_app.command("reload")
def reload_file(which: Which, wait: Wait = WAIT_SECONDS, json: AsJson = False) -> None:
    """Read a file again; a withdrawn or rejected one comes back."""
    settings = load_settings()
    sources = load_sources(settings.declaration_folder("sources"))
    with at_work(settings, "reloading a file", wait, json) as progress:
        found = reload(settings, sources, which, progress.stage)
    show_reread(found, json)


def _named(row: LedgerRow) -> str:
    return f"{row.path} ({row.file_id[:12]}, {row.source})"
