"""`segments ingest`: bring deliveries into raw, or say what would come of them.

Reading deliveries is in `ingest/`; what was delivered before is in `files.py`.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from dagster_project.commands import screen
from dagster_project.commands.delivered import plain, show_files
from dagster_project.commands.options import AsJson, Wait
from dagster_project.commands.progress import Progress
from dagster_project.errors import UsageError
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest as bring_in
from dagster_project.ingest.outcome import IngestResult
from dagster_project.ingest.propose.dry_run import Trial, try_files
from dagster_project.publish.lock import WAIT_SECONDS, night_lock
from dagster_project.settings import Settings, load_settings

WIDEST = 40

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE]...", help="With --dry-run: only these files."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would happen, and keep nothing.")
]
Source = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="With --dry-run: read by this source alone."),
]


def ingest(
    files: Files = None,
    dry_run: DryRun = False,
    source: Source = None,
    wait: Wait = WAIT_SECONDS,
    json: AsJson = False,
) -> None:
    """Bring new deliveries into raw without a night.

    With --dry-run nothing is written: rows, rejects and the first mapped rows are
    shown, of all new files or of those that are named.
    """
    settings = load_settings()
    if dry_run:
        _rehearse(settings, files or [], source, json)
        return
    if files or source:
        raise UsageError("FILE and --source go with --dry-run; an ingest reads all")
    sources = load_sources(settings.declaration_folder("sources"))
    with (
        night_lock(settings, "ingest", wait),
        Progress("ingest", quiet=json) as progress,
    ):
        result = bring_in(settings, sources, lambda line: progress.stage(line))
    _show_result(result, json)


def _show_result(result: IngestResult, json: bool) -> None:
    new = [file.row for file in result.files if file.is_new]
    if json:
        about = {"unclaimed": result.unclaimed, "failures": result.failures}
        screen.as_json({"files": [plain(row) for row in new], **about})
        return
    show_files(new)
    screen.say(
        f"{len(new):,} files read, {len(result.files) - len(new):,} known before"
    )
    for file in result.files:
        if file.row.status == "withdrawn":
            why = f"{file.path} is withdrawn and was not read: {file.row.reason}"
            screen.paragraph(why, "  ", "  ")
    for path in result.unclaimed:
        screen.say(f"  no source reads {path}")
    for reason in result.failures:
        screen.paragraph(f"the next night will be held: {reason}", "  ", "  ")


def _rehearse(
    settings: Settings, files: list[Path], source: str | None, json: bool
) -> None:
    sources = load_sources(settings.declaration_folder("sources"))
    with Progress("dry run", quiet=json):
        trial = try_files(settings, sources, files, source)
    if json:
        screen.as_json(
            {
                "files": [
                    {**plain(one.row), "standing": one.standing} for one in trial.files
                ],
                "rejects": trial.rejects,
                "rows": trial.rows,
                "known": trial.known,
                "unclaimed": trial.unclaimed,
            }
        )
        return
    show_trial(trial)
    screen.say(f"Nothing was written. {_known(trial.known)}")


def show_trial(trial: Trial) -> None:
    """Print what a dry run found: files, rejects, rows."""
    show_files(
        [one.row for one in trial.files], {"": [one.standing for one in trial.files]}
    )
    for path in trial.unclaimed:
        screen.say(f"  no source reads {path}")
    if trial.rejects:
        screen.heading("Rows that would not be loaded")
        titles = ("reason", "rows", "first at")
        screen.table(titles, [_reject(one) for one in trial.rejects])
    for feed, found in trial.rows.items():
        if found:
            screen.heading(f"The first {len(found)} rows of {feed}")
            _show_rows(found)


def _reject(found: dict[str, Any]) -> list[Any]:
    return [found["reason"], found["rows"], f"{found['path']}:{found['line']}"]


def _show_rows(rows: list[dict[str, Any]]) -> None:
    """Columns that have a value in one of the rows, long texts cut."""
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    screen.table(names, [[_cut(row[name]) for name in names] for row in rows])


def _cut(value: Any) -> Any:
    if not isinstance(value, str) or len(value) <= WIDEST:
        return value
    return f"{value[: WIDEST - 1]}…"


def _known(number: int) -> str:
    if number == 1:
        return "One file is known and would not be read."
    return f"{number:,} files are known and would not be read." if number else ""
