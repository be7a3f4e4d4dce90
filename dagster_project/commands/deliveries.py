"""`segments ingest`, `files`, `quarantine`: what was delivered, what became of it.

Reading deliveries is in `ingest/`.
"""

import sqlite3
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from dagster_project.commands import screen
from dagster_project.commands.options import AsJson, Wait
from dagster_project.commands.progress import Progress
from dagster_project.commands.released import rows
from dagster_project.errors import SegmentsError
from dagster_project.ingest.file_set import quarantine_paths
from dagster_project.ingest.ledger import LedgerRow, ledger_path, open_ledger
from dagster_project.ingest.load import ingest as bring_in
from dagster_project.ingest.source_spec import load_sources
from dagster_project.publish.lock import WAIT_SECONDS, night_lock
from dagster_project.settings import Settings, load_settings
from dagster_project.warehouse import connect, parquet_list

files_app = typer.Typer(no_args_is_help=True, help="What was delivered.")
quarantine_app = typer.Typer(no_args_is_help=True, help="Rows that were not loaded.")

COLUMNS = ("path", "lines", "loaded", "quarantined", "known", "blank", "status")
Limit = Annotated[int, typer.Option(min=1, help="How many rows to show.")]
Raw = Annotated[
    bool, typer.Option("--raw", help="With the rows themselves: may be personal data.")
]

ROWS = """
select path, line, reason, raw::varchar as raw
from read_parquet({paths}, union_by_name = true)
order by path, line, reason
limit ?
"""

REASONS = """
select reason, count(*) as rows, count(distinct path) as files
from read_parquet({paths}, union_by_name = true)
group by reason
order by rows desc, reason
"""


def ingest(wait: Wait = WAIT_SECONDS, json: AsJson = False) -> None:
    """Bring new deliveries into raw without a night."""
    settings = load_settings()
    sources = load_sources(settings.declaration_folder("sources"))
    with (
        night_lock(settings, "ingest", wait),
        Progress("ingest", quiet=json) as progress,
    ):
        result = bring_in(settings, sources, lambda line: progress.stage(line))
    new = [file.row for file in result.files if file.is_new]
    if json:
        about = {"unclaimed": result.unclaimed, "failures": result.failures}
        screen.as_json({"files": [_plain(row) for row in new], **about})
        return
    _show_files(new)
    screen.say(
        f"{len(new):,} files read, {len(result.files) - len(new):,} known before"
    )
    for path in result.unclaimed:
        screen.say(f"  no source reads {path}")
    for reason in result.failures:
        screen.paragraph(f"the next night will be held: {reason}", "  ", "  ")


@files_app.command("list")
def list_files(json: AsJson = False) -> None:
    """List every file in the order of delivery."""
    found = _ledger(load_settings())
    if json:
        screen.as_json([_plain(row) for row in found])
    elif found:
        _show_files(found)
    else:
        screen.say("No file was ever delivered.")


@quarantine_app.command("list")
def list_quarantine(limit: Limit = 20, raw: Raw = False, json: AsJson = False) -> None:
    """Count rows by reason and show the first."""
    settings = load_settings()
    loaded = [row for row in _ledger(settings) if row.status == "loaded"]
    paths = quarantine_paths(settings, loaded)
    reasons, found = _quarantined(settings, paths, limit)
    if not raw:
        found = [{k: v for k, v in row.items() if k != "raw"} for row in found]
    if json:
        screen.as_json({"reasons": reasons, "rows": found})
    elif not reasons:
        screen.say("No row is in quarantine.")
    else:
        screen.table(("reason", "rows", "files"), [list(r.values()) for r in reasons])
        screen.heading(f"The first {len(found)} rows")
        screen.table(list(found[0]), [list(row.values()) for row in found])


def _quarantined(
    settings: Settings, paths: list[Any], limit: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not paths:
        return [], []
    with connect() as connection:
        listed = parquet_list(paths)
        return (
            rows(connection, REASONS.format(paths=listed)),
            rows(connection, ROWS.format(paths=listed), limit),
        )


def _ledger(settings: Settings) -> list[LedgerRow]:
    path = ledger_path(settings)
    if not path.exists():
        return []
    try:
        with open_ledger(settings) as ledger:
            return ledger.rows()
    except sqlite3.DatabaseError as error:
        raise SegmentsError(f"{path}: the ledger cannot be used: {error}") from error


def _show_files(found: Iterable[LedgerRow]) -> None:
    known = list(found)
    if known:
        screen.table(
            COLUMNS, [[getattr(row, name) for name in COLUMNS] for row in known]
        )
    for row in known:
        if row.reason:
            screen.paragraph(f"{row.path}: {row.reason}", "  ", "  ")


def _plain(row: LedgerRow) -> dict[str, Any]:
    names = ("file_id", "source", "feed", *COLUMNS, "filtered", "reason")
    return {name: getattr(row, name) for name in names}
