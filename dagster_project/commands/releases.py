"""`segments releases`: what is kept, whether it is sound, and the way back.

What a release is and what a rollback does is in `publish/`.
"""

from typing import Annotated, Any

import typer

from dagster_project.commands import screen
from dagster_project.commands.options import AsJson
from dagster_project.commands.progress import Progress
from dagster_project.commands.released import current_or_refuse
from dagster_project.errors import SegmentsError
from dagster_project.publish.catalogue import Release, find_release, list_releases
from dagster_project.publish.pointer import accepted_releases, current_release
from dagster_project.publish.rollback import rollback as roll_back
from dagster_project.publish.verify import verify as problems_of
from dagster_project.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="List, check and roll back releases.")
Id = Annotated[str, typer.Argument(metavar="ID", help="For example 2026-11-21-1.")]
OptionalId = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="Default: the current release.")
]
Reason = Annotated[str, typer.Option(help="Kept in the publish log.")]


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List the kept releases, newest first."""
    settings = load_settings()
    found = [_row(settings, release) for release in reversed(list_releases(settings))]
    if json:
        screen.as_json(found)
        return
    if not found:
        screen.say(
            f"No release in {settings.home} yet: `segments run` makes the first."
        )
        return
    screen.table(
        ("release", "state", "customers", "created", "content hash"),
        [[*list(row.values())[:-1], row["content_hash"][:12]] for row in found],
    )


@app.command()
def show(release_id: OptionalId = None, json: AsJson = False) -> None:
    """Show one release: its tables, gates, warnings and what it was made from."""
    settings = load_settings()
    release = (
        find_release(settings, release_id)
        if release_id
        else current_or_refuse(settings)
    )
    manifest = release.manifest
    if json:
        screen.as_json({"folder": release.folder, **manifest})
        return
    _show(settings, release, manifest)


@app.command()
def verify(release_id: Id, json: AsJson = False) -> None:
    """Recompute every hash of a release; exit code 1 when something differs."""
    settings = load_settings()
    with Progress(f"verifying {release_id}", quiet=json):
        problems = problems_of(settings, release_id)
    if json:
        screen.as_json({"release_id": release_id, "problems": problems})
        raise typer.Exit(1 if problems else 0)
    if problems:
        raise SegmentsError("\n".join([f"{release_id} is damaged:", *problems]))
    screen.say(f"{release_id} is sound: every file and table is as it was published.")


@app.command()
def rollback(release_id: Id, reason: Reason = "") -> None:
    """Make an earlier release current again; newer ones are withdrawn, not deleted."""
    settings = load_settings()
    before = current_release(settings)
    with Progress(f"rolling back to {release_id}"):
        release = roll_back(settings, release_id, reason)
    was = f" (before: {before.release_id})" if before else ""
    screen.say(f"{release.release_id} is current now{was}.")
    screen.say("The next night continues from it.")


def _row(settings: Settings, release: Release) -> dict[str, Any]:
    try:
        manifest = release.manifest
        tables = manifest["tables"]
        created, digest = manifest["created_at"][:16], manifest["content_hash"]
        customers = tables.get("customer_features", {}).get("rows")
    except SegmentsError:
        created, digest, customers = None, "not readable", None
    return {
        "release_id": release.release_id,
        "state": _state(settings, release),
        "customers": customers,
        "created_at": created,
        "content_hash": digest,
    }


def _state(settings: Settings, release: Release) -> str:
    current = current_release(settings)
    if current and current.release_id == release.release_id:
        return "current"
    accepted = {one.release_id for one in accepted_releases(settings)}
    return "accepted" if release.release_id in accepted else "not in use"


def _show(settings: Settings, release: Release, manifest: dict[str, Any]) -> None:
    gates = manifest.get("gates") or {}
    passed = f"{gates['passed']} of {gates['checks']} checks passed" if gates else None
    files = manifest.get("input_files") or []
    screen.facts(
        [
            ("Release", f"{release.release_id} ({_state(settings, release)})"),
            ("Built on", manifest.get("predecessor")),
            ("Created", manifest["created_at"]),
            ("Gates", passed),
            ("Input files", len(files)),
            ("Content hash", manifest["content_hash"]),
            ("Code", manifest.get("code_version")),
            ("Folder", release.folder),
            ("Report", release.report if release.report.exists() else None),
        ]
    )
    for warning in gates.get("warnings") or []:
        screen.paragraph(f"Warning: {warning}", indent="  ", hanging="  ")
    screen.heading("Tables")
    screen.table(
        ("table", "rows", "one row per"),
        [
            (name, table["rows"], ", ".join(table["grain"]))
            for name, table in manifest["tables"].items()
        ],
    )
