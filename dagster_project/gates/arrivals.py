"""Lays out what arrived tonight: profiles of new files next to those of earlier ones.

Makes `night.deliveries`, `night.file_profiles`, `night.file_values` and, for each feed
that was ever delivered, `night.arrivals__<feed>` with one row per new file. The bounds
are in `expectations/raw`.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.gates.arrival_tables import arrival_table_sql, changes_sql
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.file_set import raw_relations
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.ingest.profile import begin_measuring, measure_files
from dagster_project.ingest.raw_files import raw_path
from dagster_project.settings import Settings

#: Profiles are kept for the weekdays of four weeks before, and for some days of delay.
KEPT_DAYS = 35

#: And, whatever their dates, those of the last files of a source.
KEPT_FILES = 8

DELIVERIES = pa.schema(
    [
        ("file_id", pa.string()),
        ("source", pa.string()),
        ("feed", pa.string()),
        ("path", pa.string()),
        ("sequence", pa.int64()),
        ("reading", pa.int64()),
        ("delivery", pa.string()),
        ("lines", pa.int64()),
        ("loaded", pa.int64()),
        ("quarantined", pa.int64()),
        ("newest_on", pa.date32()),
        ("is_new", pa.bool_()),
        ("is_kept", pa.bool_()),
        ("is_mounted", pa.bool_()),
    ]
)

# What was read again under a changed declaration must be looked at like a new file.
READ_AGAIN = """
update night.deliveries as deliveries set is_new = true
from (select distinct file_id, reading from release.source_profiles) as known
where known.file_id = deliveries.file_id and known.reading <> deliveries.reading
"""

TO_MEASURE = """
select file_id, feed
from night.deliveries
where is_new or (is_kept and file_id not in (
    select file_id from release.source_profiles))
order by sequence
"""

PROFILES = """
create or replace table night.file_profiles as
with profiles as (
    select * from profile_measures
    union all
    select
        file_id, column_name, rows, nulls, lowest, highest, distinct_values,
        value_counts
    from release.source_profiles
    where file_id in (
        select file_id from night.deliveries where is_kept and not is_new)
)
select
    deliveries.file_id, source, feed, path, sequence, reading, is_new, is_kept,
    is_mounted, profiles.* exclude (file_id)
from night.deliveries as deliveries inner join profiles using (file_id)
"""

VALUES = """
create or replace table night.file_values as
select file_id, feed, column_name, entry.key as value, entry.value as rows
from (
    select
        file_id, feed, column_name,
        unnest(map_entries(from_json(value_counts, '"MAP(VARCHAR, BIGINT)"'))) as entry
    from night.file_profiles
)
"""


def lay_out_arrivals(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    files: Sequence[LedgerRow],
    seen: Collection[str],
) -> None:
    """Profile the files that no accepted night has seen, and compare them.

    `files` are the loaded ones, `seen` the file ids of the predecessor. Needs
    `night.feeds`, `night.sources` and `release.source_profiles`.
    """
    rows = _deliveries(settings, as_of, files, seen)
    columns = [list(values) for values in zip(*rows, strict=True)] if rows else None
    columns = columns or [[] for _ in DELIVERIES]
    connection.register("delivered", pa.table(columns, schema=DELIVERIES))
    connection.execute(
        "create or replace table night.deliveries as select * from delivered"
    )
    connection.unregister("delivered")
    connection.execute(READ_AGAIN)
    _measure(connection, settings)
    connection.execute(PROFILES)
    connection.execute(VALUES)
    connection.execute(changes_sql())
    present = connection.execute(
        "select feed from night.feeds where is_present order by feed"
    ).fetchall()
    for (feed,) in present:
        connection.execute(arrival_table_sql(FEEDS[feed]))


def _deliveries(
    settings: Settings,
    as_of: date,
    files: Sequence[LedgerRow],
    seen: Collection[str],
) -> list[tuple[Any, ...]]:
    mounted = {p for paths in raw_relations(settings, files).values() for p in paths}
    last = _last_files(files)
    oldest = as_of - timedelta(days=KEPT_DAYS)
    return [
        (
            row.file_id,
            row.source,
            row.feed,
            row.path,
            row.sequence,
            row.reading,
            row.delivery,
            row.lines,
            row.loaded,
            row.quarantined,
            max((day for day in row.dates if day <= as_of), default=None),
            row.file_id not in seen,
            row.file_id in last or bool(row.max_on and row.max_on >= oldest),
            raw_path(settings.home, row.feed, row.file_id) in mounted,
        )
        for row in files
    ]


def _last_files(files: Sequence[LedgerRow]) -> set[str]:
    by_source: dict[str, list[LedgerRow]] = {}
    for row in sorted(files, key=lambda row: row.sequence):
        by_source.setdefault(row.source, []).append(row)
    return {row.file_id for rows in by_source.values() for row in rows[-KEPT_FILES:]}


def _measure(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    begin_measuring(connection)
    by_feed: dict[str, list[str]] = {}
    for file_id, feed in connection.execute(TO_MEASURE).fetchall():
        by_feed.setdefault(feed, []).append(file_id)
    for feed, ids in by_feed.items():
        paths = [raw_path(settings.home, feed, file_id) for file_id in ids]
        measure_files(connection, FEEDS[feed], paths, settings.timezone)
