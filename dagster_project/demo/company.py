"""Makes the landing files of the demo company, or the files of its next day.

The same arguments give the same bytes. Nothing here reads the clock.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from dagster_project.demo.feeds import FEEDS
from dagster_project.demo.plan import Plan, side_folder, write_made
from dagster_project.demo.request import Windows, first_days, next_days
from dagster_project.demo.tables import Drawing
from dagster_project.errors import SegmentsError
from dagster_project.warehouse import connect, literal

Report = Callable[[str], None]
# More would only be used by companies of more than a chunk.
MEMORY_LIMIT = "800MB"


@dataclass(frozen=True)
class DemoResult:
    """The files written, in order of writing, and the rows per feed."""

    files: tuple[Path, ...]
    rows: dict[str, int]


def generate(
    customers: int = 2000,
    days: int = 395,
    end: date | None = None,
    seed: int = 1,
    out: Path = Path("landing"),
    append_day: bool = False,
    report: Report | None = None,
) -> DemoResult:
    """Write the deliveries of a synthetic software firm to a landing folder.

    `customers` firms are known on day 395 (`days` counts from the first delivery to
    `end`, both included). With `append_day` the company is the one that lies in `out`
    and its next day is delivered, or every day up to `end`. Hidden personas and the
    plan go to `out/../demo`. Raises UsageError when `out` holds something else,
    SegmentsError when it cannot be written.
    """
    try:
        made, windows = (
            next_days(out, end)
            if append_day
            else first_days(customers, days, end, seed, out)
        )
        write_made(out, made)
        result = _make(made.plan, windows, out, report or (lambda _: None))
        write_made(out, replace(made, end=windows[-1][-1].last))
    except (OSError, duckdb.IOException) as error:
        raise SegmentsError(f"{out} cannot be written: {error}") from error
    return result


def _make(plan: Plan, windows: Windows, out: Path, report: Report) -> DemoResult:
    spill = side_folder(out) / "spill"
    connection = connect()
    try:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"set temp_directory = {literal(spill)}")
        return produce(connection, plan, windows, out, report)
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def produce(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    windows: Windows,
    out: Path,
    report: Report,
) -> DemoResult:
    """Write deliveries, chunk by chunk of firms and month by month.

    Memory is that of the largest month of one chunk, whatever the number of firms.
    """
    drawing = Drawing(connection, plan)
    since, until = windows[0][0].first, windows[-1][-1].last
    files: list[Path] = []
    rows: Counter[str] = Counter()
    personas = side_folder(out) / ".personas.csv.tmp"
    personas.parent.mkdir(parents=True, exist_ok=True)
    personas.unlink(missing_ok=True)
    for chunk, first_firm, last_firm in plan.chunks(until):
        report(f"firms {first_firm:,} to {last_firm:,}")
        drawing.draw_firms((first_firm, last_firm), since, until)
        _append_personas(drawing, personas)
        for month in windows:
            drawing.draw_web_events(month[0].first, month[-1].last)
            for delivery in month:
                for feed in FEEDS:
                    path = out / feed.file_name(delivery.label, chunk)
                    written = drawing.write(feed, delivery, path)
                    rows[feed.table] += written
                    files += [path] if written else []
            days = f"{month[0].first} to {month[-1].last}"
            report(f"{days}: {rows.total():,} rows so far")
    personas.replace(personas.with_name("personas.csv"))
    return DemoResult(tuple(files), dict(rows))


def _append_personas(drawing: Drawing, whole: Path) -> None:
    part = whole.with_name(".personas.part.tmp")
    drawing.write_personas(part)
    with part.open("rb") as source, whole.open("ab") as target:
        if target.tell():
            source.readline()
        shutil.copyfileobj(source, target)
    part.unlink()
