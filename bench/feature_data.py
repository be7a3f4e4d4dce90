"""Raw rows of a large company, written as Parquet without any delivery.

The same numbers give the same rows: they come from MD5, which no version of the engine
changes. One file of events per day: 2 in 100 events come again on the same day or the
next, 1 in 100 comes one or two days late.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from duckdb import DuckDBPyConnection as Engine

from bench.feature_rows import AGAIN, EVENTS, OTHERS
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.warehouse import connect, identifier, literal

DAYS = 365
LAST = date(2026, 6, 30)
FIRST = LAST - timedelta(days=DAYS - 1)


def write_raw(folder: Path, customers: int, events: int) -> None:
    """Write `<feed>/<name>.parquet` below a folder; about 1.5 CPU-s per million."""
    with connect() as engine:
        engine.execute("set threads = 2; set preserve_insertion_order = false")
        for number in range(DAYS):
            _write_day(engine, folder, number, customers, events)
        for feed, (share, columns) in OTHERS.items():
            texts = columns.format(customers=customers, first=literal(FIRST))
            rows = (
                f"select n, {texts} from (select n, md5_number_lower('{feed}' || n)"
                f" as r from range({int(customers * share)}) as numbers (n))"
            )
            _copy(engine, folder, feed, f"{feed}-all", 1, rows)


def _write_day(
    engine: Engine, folder: Path, number: int, customers: int, events: int
) -> None:
    """The file of a day, from the events of this day and of the two before."""
    rows = EVENTS.format(
        first=events * number // DAYS,
        last=events * (number + 1) // DAYS,
        customers=customers,
        day=literal(FIRST + timedelta(days=number)),
    )
    engine.execute(f"create or replace temp table events_{number} as {rows}")
    parts = []
    for back in range(min(number, 2) + 1):
        rows = f"from events_{number - back}"
        parts.append(f"select * {rows} where late_days = {back}")
        parts.append(f"{AGAIN} {rows} where again_days = {back} + 1")
    query = " union all ".join(parts)
    _copy(engine, folder, "web_events", f"day-{number:03d}", number + 1, query)
    if number >= 2:
        engine.execute(f"drop table events_{number - 2}")


def _copy(
    engine: Engine, folder: Path, feed: str, name: str, sequence: int, rows: str
) -> None:
    columns = FEEDS[feed].columns
    origin = {
        "_file_id": literal(name),
        "_line": "row_number() over ()",
        "_loaded_at": literal(LAST),
        "_received": str(sequence),
    }
    found = {row[0] for row in engine.execute(f"describe {rows}").fetchall()}
    select = ", ".join(
        f"cast({origin.get(c) or (identifier(c) if c in found else 'null')} as {t})"
        f" as {identifier(c)}"
        for c, t in columns.items()
    )
    path = folder / feed / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    engine.execute(
        f"copy (select {select} from ({rows})) to {literal(path)}"
        " (format parquet, compression zstd, compression_level 1)"
    )


def ledger_rows(folder: Path) -> Iterator[LedgerRow]:
    """What the ledger would know of the files."""
    for sequence, path in enumerate(sorted(folder.glob("*/*.parquet")), start=1):
        feed, name = path.parent.name, path.stem
        dates: tuple[date, ...] = ()
        if name.startswith("day-"):
            day = int(name.removeprefix("day-"))
            dates = tuple(
                FIRST + timedelta(days=d) for d in range(max(day - 2, 0), day + 1)
            )
        yield LedgerRow(
            file_id=name,
            content=name,
            source=feed,
            feed=feed,
            delivery="events" if feed == "web_events" else "upserts",
            path=str(path),
            bytes=path.stat().st_size,
            lines=1,
            loaded=1,
            quarantined=0,
            known=0,
            blank=0,
            filtered=0,
            status="loaded",
            reason=None,
            first_seen_at=datetime.combine(LAST, datetime.min.time()),
            sequence=sequence,
            declaration="",
            reading=1,
            version=None,
            dates=dates,
        )
