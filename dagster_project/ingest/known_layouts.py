"""Which columns every delivery had: kept beside the ledger, each layout once."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from dagster_project.ingest.batches import Batch
from dagster_project.ingest.ledger import ledger_path
from dagster_project.ingest.reading.layout import Engine
from dagster_project.ingest.schema_drift import (
    Columns,
    DeliveredColumn,
    delivered_columns,
)
from dagster_project.settings import Settings

SCHEMA = """
create table if not exists layouts (layout primary key, columns);
create table if not exists file_layouts (file_id primary key, layout);
"""


def note_layouts(engine: Engine, settings: Settings, batch: Batch) -> None:
    """Keep the columns of files that are being read.

    A function of their content: kept before the files count, and kept again harmlessly.
    """
    found = delivered_columns(engine, batch.source, batch.layout, batch.paths)
    ids = [file.row.file_id for file in batch.files]
    keep_layouts(settings, dict(zip(ids, found, strict=True)))


def keep_layouts(settings: Settings, columns: Mapping[str, Columns]) -> None:
    """Keep the columns of files, by file id."""
    layouts = {file_id: json.dumps(found) for file_id, found in columns.items()}
    names = {t: hashlib.sha256(t.encode()).hexdigest()[:16] for t in layouts.values()}
    with _database(settings) as database:
        database.executemany(
            "insert or ignore into layouts values (?, ?)",
            [(name, text) for text, name in names.items()],
        )
        database.executemany(
            "insert or replace into file_layouts values (?, ?)",
            [(file_id, names[text]) for file_id, text in layouts.items()],
        )


def known_layouts(settings: Settings) -> tuple[dict[str, Columns], dict[str, str]]:
    """The columns of each layout, and the layout of each file by its id."""
    with _database(settings) as database:
        layouts = database.execute("select layout, columns from layouts").fetchall()
        files = database.execute("select file_id, layout from file_layouts").fetchall()
    return {name: _read(text) for name, text in layouts}, dict(files)


def _read(text: str) -> Columns:
    return tuple(DeliveredColumn(*column) for column in json.loads(text))


@contextmanager
def _database(settings: Settings) -> Iterator[sqlite3.Connection]:
    path = ledger_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=60)) as database:
        database.executescript(SCHEMA)
        with database:
            yield database
