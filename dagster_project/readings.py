"""Which reading of each file counts tonight, and which dates that changes.

A file that is read again may have other rows, so files alone do not tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from dagster_project.ingest.ledger import LedgerRow, newest_snapshots


@dataclass(frozen=True)
class Reading:
    """Which reading of a file counted, and the business dates that it touched then."""

    number: int
    dates: tuple[date, ...]


@dataclass(frozen=True)
class BuiltFrom:
    """What the tables of a state were computed from: the readings by file id."""

    as_of: date
    files: dict[str, Reading]


def dirty_dates(
    before: BuiltFrom | None, files: Sequence[LedgerRow], as_of: date, spread: int
) -> list[date]:
    """Business dates that must be computed again, up to the as-of date.

    Those since the state, and those that a file touches which came, went or was read
    again since then: before and now. `files` is the whole ledger; `spread` widens each
    date of a file by some days where the business day is not the UTC day.
    """
    now = readings(files)
    then = before.files if before else {}
    touched = {
        day
        for file_id in now.keys() | then.keys()
        if now.get(file_id) != then.get(file_id)
        for reading in (now.get(file_id), then.get(file_id))
        for day in (reading.dates if reading else ())
    }
    found = {
        date.fromordinal(day.toordinal() + shift)
        for day in touched
        for shift in range(-spread, spread + 1)
    }
    if before and before.as_of < as_of:
        found.update(dates_between(before.as_of, as_of)[1:])
    return sorted(day for day in found if day <= as_of)


def readings(files: Sequence[LedgerRow]) -> dict[str, Reading]:
    """The readings that count, by file id: of full snapshots, the newest."""
    loaded = [file for file in files if file.status == "loaded"]
    newest = newest_snapshots(loaded)
    return {
        file.file_id: Reading(file.reading, file.dates)
        for file in loaded
        if file.delivery != "full_snapshot" or newest[file.source] == file.file_id
    }


def note_readings(
    connection: duckdb.DuckDBPyConnection, files: Sequence[LedgerRow]
) -> None:
    """Write `night.readings`: what tonight's tables are computed from."""
    found = readings(files)
    columns = {
        "file_id": pa.array(found, pa.string()),
        "number": pa.array([one.number for one in found.values()], pa.int64()),
        "dates": pa.array([one.dates for one in found.values()], pa.list_(pa.date32())),
    }
    connection.register("incoming", pa.table(columns))
    connection.execute("create or replace table night.readings as from incoming")
    connection.unregister("incoming")


DIRTY_FILES = """
create or replace table night.dirty_files as
select distinct file_id
from (select file_id, unnest(dates) as day from night.readings) as files
inner join night.dirty_dates as dirty
    on files.day between dirty.dirty_on - 1 and dirty.dirty_on + 1
"""


def note_dirty_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `night.dirty_files`: where the rows of the dirty dates are.

    A business day may begin on the day before or after, so some files have none.
    """
    connection.execute(DIRTY_FILES)


def dates_between(first: date, last: date) -> list[date]:
    """Every date from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
