"""The Parquet files below raw: their queries, and how they are written durably.

Each is written beside, synced and renamed into place.
"""

import os
from pathlib import Path

from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.ingest.personal import (
    clear_rows_sql,
    hash_joins,
    hash_personal_values,
    raw_columns,
)
from dagster_project.ingest.reading.layout import Engine
from dagster_project.settings import Settings
from dagster_project.warehouse import identifier, literal


def raw_path(home: Path, kind: str, file_id: str) -> Path:
    """Where the rows of a file lie; kind is a feed, `pii` or `quarantine`."""
    return home / "raw" / kind / f"{file_id}.parquet"


def prepare_raw(engine: Engine, settings: Settings, feed: FeedSpec) -> None:
    """Define `raw_rows`, `clear_rows` and `bad_rows` (_file, ...) over `judged`."""
    hash_personal_values(engine, feed, settings.pepper_bytes)
    engine.execute(f"""
        create or replace temp view raw_rows as
        select _file, {", ".join(raw_columns(feed))},
            _file_id, _line, _loaded_at,
            _received, _version_at{_id_hash(feed)}
        from judged inner join batch_files on _file = file {hash_joins(feed)}
        where _reason is null and not _is_known""")
    if feed.personal:
        query = clear_rows_sql(feed)
        engine.execute(f"create or replace temp view clear_rows as {query}")
    engine.execute("""
        create or replace temp view bad_rows as
        select _file, _file_id as file_id, _source as source, _feed as feed,
            _path as path, _line as line, _reason as reason, _raw as raw
        from judged inner join batch_files on _file = file
        where _reason is not null""")


def _id_hash(feed: FeedSpec) -> str:
    if not feed.id_hash:
        return ""
    (name,) = feed.id
    return f", md5_number_lower({identifier(name)}) as _id_hash"


def store_raw(
    engine: Engine, settings: Settings, feed: FeedSpec, row: LedgerRow, number: int
) -> tuple[int, int]:
    """Write what there is of one file; the numbers of raw and of bad rows.

    A file of an earlier reading that has no rows now is removed.
    """
    # Raw rows lie in any order, each knows its line: sorting them would take half of
    # the time.
    tables = {
        feed.name: ("raw_rows", ""),
        "quarantine": ("bad_rows", "order by line"),
    }
    if feed.personal:
        tables["pii"] = ("clear_rows", "order by all")
    stored = {}
    for kind, (table, order) in reversed(tables.items()):
        path = raw_path(settings.home, kind, row.file_id)
        rows = f"from {table} where _file = {number}"
        is_wanted = kind == feed.name and row.status == "loaded"
        if is_wanted or engine.execute(f"select 1 {rows} limit 1").fetchall():
            query = f"select * exclude (_file) {rows} {order}"
            stored[kind] = store(engine, query, path)
        else:
            path.unlink(missing_ok=True)
    return stored.get(feed.name, 0), stored.get("quarantine", 0)


def store(engine: Engine, query: str, path: Path) -> int:
    """Write the rows of a query, whole or not at all; their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    # Level 1 takes two thirds of the work of level 3 and hardly more space.
    options = "format parquet, compression zstd, compression_level 1"
    stored = engine.execute(
        f"copy ({query}) to {literal(unfinished)} ({options})"
    ).fetchall()
    _sync(unfinished)
    unfinished.replace(path)
    return stored[0][0]


def remove_raw(settings: Settings, feed: str, file_id: str) -> None:
    """Take away what was written of a file that does not count."""
    for kind in (feed, "quarantine", "pii"):
        raw_path(settings.home, kind, file_id).unlink(missing_ok=True)


def sync_folders(settings: Settings, feed: FeedSpec) -> None:
    """Make the renames of one feed's files durable."""
    for kind in (feed.name, "quarantine", "pii"):
        folder = settings.home / "raw" / kind
        if folder.exists():
            _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
