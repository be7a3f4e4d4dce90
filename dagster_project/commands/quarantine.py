"""`segments quarantine`: the rows that were not loaded, and another try at them.

Why a row is not loaded is decided in `ingest/judging.py`.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from dagster_project.commands import screen
from dagster_project.commands.delivered import (
    OfSource,
    at_work,
    ledger_rows,
    show_reread,
)
from dagster_project.commands.options import AsJson, Wait
from dagster_project.commands.released import rows
from dagster_project.ingest.file_set import quarantine_paths
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.operate import retry
from dagster_project.publish.lock import WAIT_SECONDS
from dagster_project.settings import load_settings
from dagster_project.warehouse import connect, parquet_list

quarantine_app = typer.Typer(no_args_is_help=True, help="Rows that were not loaded.")

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


@quarantine_app.command("list")
def list_quarantine(
    source: OfSource = None, limit: Limit = 20, raw: Raw = False, json: AsJson = False
) -> None:
    """Count rows by reason and show the first."""
    settings = load_settings()
    standing = [
        row
        for row in ledger_rows(settings)
        if row.status == "loaded" and source in (None, row.source)
    ]
    paths = quarantine_paths(settings, standing)
    reasons, found = _quarantined(paths, limit)
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


@quarantine_app.command("retry")
def retry_quarantine(
    source: OfSource = None, wait: Wait = WAIT_SECONDS, json: AsJson = False
) -> None:
    """Read every file with such rows again, after its source was corrected."""
    settings = load_settings()
    sources = load_sources(settings.declaration_folder("sources"))
    with at_work(settings, "retrying quarantine", wait, json) as progress:
        found = retry(settings, sources, source, progress.stage)
    show_reread(found, json)


def _quarantined(
    paths: list[Path], limit: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not paths:
        return [], []
    with connect() as connection:
        listed = parquet_list(paths)
        return (
            rows(connection, REASONS.format(paths=listed)),
            rows(connection, ROWS.format(paths=listed), limit),
        )
