"""`segments status`: the current release, the last nights, the settings.

Nothing is judged here: decisions come from the publish log and the releases.
"""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from dagster_project.commands import screen
from dagster_project.commands.options import AsJson
from dagster_project.commands.released import has_table, open_release, rows
from dagster_project.errors import SegmentsError
from dagster_project.gates.waivers import Waiver, load_waivers
from dagster_project.night_log import last_log
from dagster_project.publish.catalogue import Release
from dagster_project.publish.lock import lock_holder
from dagster_project.publish.pointer import current_release
from dagster_project.publish.status import LogEntry, read_log
from dagster_project.settings import Settings, load_settings

Nights = Annotated[int, typer.Option(min=1, help="How many of the last nights.")]


def status(nights: Nights = 7, json: AsJson = False) -> None:
    """Show release, last nights, feeds and settings."""
    settings = load_settings()
    found = gather(settings, nights)
    screen.as_json(found) if json else _show(found)


def gather(settings: Settings, nights: int) -> dict[str, Any]:
    """All that the command shows, as plain values."""
    holder = lock_holder(settings)
    log = read_log(settings)[-nights:][::-1]
    return {
        "current": _current(settings),
        "running": {"pid": holder.pid, "purpose": holder.purpose} if holder else None,
        "nights": [_night(entry) for entry in log],
        "last_log": last_log(settings),
        "waivers": [asdict(waiver) for waiver in _waivers(settings)],
        "settings": _settings(settings),
    }


def _current(settings: Settings) -> dict[str, Any] | None:
    """The current release; with `problem` alone when it cannot be read."""
    try:
        release = current_release(settings)
        return _facts_of(settings, release) if release else None
    except SegmentsError as error:
        return {"problem": str(error)}


def _facts_of(settings: Settings, release: Release) -> dict[str, Any]:
    from dagster_project.run import yesterday

    gates = release.manifest.get("gates") or {}
    return {
        "release_id": release.release_id,
        "as_of": release.as_of,
        "nights_behind": max((yesterday(settings) - release.as_of).days, 0),
        "folder": release.folder,
        "report": release.report if release.report.exists() else None,
        "content_hash": release.content_hash,
        "checks": gates.get("checks"),
        "checks_passed": gates.get("passed"),
        "warnings": gates.get("warnings") or [],
        "feeds": _feeds(release),
    }


def _feeds(release: Release) -> list[dict[str, Any]]:
    with open_release(release) as connection:
        if not has_table(connection, "released", "main", "source_freshness"):
            return []
        return rows(
            connection,
            "select feed, files, last_event_on as last_day from source_freshness "
            "where is_present order by feed",
        )


def _waivers(settings: Settings) -> list[Waiver]:
    """Those that cover the next night or a later one."""
    from dagster_project.run import yesterday

    last = yesterday(settings)
    return [waiver for waiver in load_waivers(settings) if waiver.until >= last]


def _night(entry: LogEntry) -> dict[str, Any]:
    return {
        "as_of": entry.as_of,
        "decision": entry.decision,
        "release_id": entry.release_id,
        "ended_at": entry.at.isoformat(timespec="seconds"),
        "seconds": entry.seconds,
        "reasons": list(entry.reasons),
    }


def _settings(settings: Settings) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    values["landing"] = settings.landing_folder
    return {
        f"SEGMENTS_{name.upper()}": "set" if isinstance(value, SecretStr) else value
        for name, value in values.items()
    }


def _show(found: dict[str, Any]) -> None:
    _show_current(found["current"])
    if running := found["running"]:
        screen.say(f"Running now: process {running['pid']} ({running['purpose']})")
    _show_nights(found["nights"])
    if found["last_log"]:
        screen.say(f"  {found['last_log']} tells the last one step by step.")
    _show_rows("Accepted failures", found["waivers"])
    if found["current"]:
        _show_rows("Feeds of the current release", found["current"].get("feeds"))
    screen.heading("Settings")
    screen.facts(found["settings"].items(), indent="  ")


def _show_rows(title: str, found: list[dict[str, Any]] | None) -> None:
    if found:
        screen.heading(title)
        titles = [name.replace("_", " ") for name in found[0]]
        screen.table(titles, [list(row.values()) for row in found])


def _show_current(current: dict[str, Any] | None) -> None:
    if current is None:
        screen.say("No release yet: `segments run` makes the first.")
        return
    if "problem" in current:
        screen.say(current["problem"])
        return
    behind = current["nights_behind"]
    age = f"{behind} nights behind" if behind > 1 else "one night behind"
    checks = f"{current['checks_passed']} of {current['checks']} checks passed"
    screen.facts(
        [
            (
                "Current release",
                f"{current['release_id']}, {age if behind else 'fresh'}",
            ),
            ("Gates", checks if current["checks"] is not None else None),
            ("Folder", current["folder"]),
            ("Report", current["report"]),
        ]
    )
    for warning in current["warnings"]:
        screen.paragraph(f"Warning: {warning}", indent="  ", hanging="  ")


def _show_nights(nights: list[dict[str, Any]]) -> None:
    if not nights:
        return
    screen.heading("Last nights")
    titles = ("night", "decision", "release", "seconds")
    keys = ("as_of", "decision", "release_id", "seconds")
    screen.table(titles, [[_rounded(n[key]) for key in keys] for n in nights])
    for night in nights:
        if night["decision"] != "published" and night["reasons"]:
            first = night["reasons"][0]
            more = len(night["reasons"]) - 1
            rest = f" (and {more} more)" if more else ""
            what = f"{night['as_of']} {night['decision']}: {first}{rest}"
            screen.paragraph(what, indent="  ", hanging="  ")
    if nights[0]["decision"] == "held":
        screen.say(f"  segments inspect {nights[0]['as_of']} shows what was held.")


def _rounded(value: Any) -> Any:
    return round(value) if isinstance(value, float) else value
