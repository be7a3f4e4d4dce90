"""What else below HOME may hold a subject: states, the work file, logs, run records.

Releases are not touched. States and the work file only save work: they are deleted.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from dagster_project.privacy.traces import Traces
from dagster_project.settings import Settings

#: Folders whose files are texts or SQLite databases that speak of deliveries.
RECORDS = ("logs", "status", "dagster")
SQLITE = b"SQLite format 3\x00"


def remove_work(settings: Settings) -> Iterator[Path]:
    """Delete the work file, what dbt left beside it, all states and held nights."""
    home = settings.home
    for folder in (home / "work", home / "state", home / "held"):
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            if path.is_file() and not path.is_symlink():
                path.unlink()
                yield path
        shutil.rmtree(folder, ignore_errors=True)


def scrub_records(settings: Settings, traces: Traces) -> Iterator[tuple[Path, int]]:
    """Mask the subject's addresses and phones in logs and run records; how many."""
    for name in RECORDS:
        folder = settings.home / name
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            if path.is_file() and not path.is_symlink():
                masked = _scrub(path, traces)
                if masked:
                    yield path, masked


def _scrub(path: Path, traces: Traces) -> int:
    content = path.read_bytes()
    if content.startswith(SQLITE):
        return _scrub_database(path, traces)
    if path.name.endswith(("-wal", "-shm", "-journal", ".lock")):
        return 0
    clean, masked = traces.without(content)
    if masked:
        unfinished = path.with_name(f".tmp-{path.name}")
        unfinished.write_bytes(clean)
        unfinished.chmod(path.stat().st_mode & 0o777)
        unfinished.replace(path)
    return masked


def _scrub_database(path: Path, traces: Traces) -> int:
    """Mask them in every text of a SQLite file, and in its free pages."""
    masked = 0

    def clean(value: str) -> str:
        nonlocal masked
        text, count = traces.without(value.encode())
        masked += count
        return text.decode() if count else value

    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as database:
        database.create_function("clean", 1, clean, deterministic=True)
        database.execute("pragma secure_delete = on")
        tables = database.execute(
            "select name from sqlite_master where type = 'table'"
            " and name not like 'sqlite_%'"
        ).fetchall()
        for (table,) in tables:
            columns = database.execute(f'pragma table_info("{table}")').fetchall()
            for _, column, *_ in columns:
                database.execute(
                    f'update "{table}" set "{column}" = clean("{column}")'
                    f" where typeof(\"{column}\") = 'text'"
                    f' and clean("{column}") <> "{column}"'
                )
        if masked:
            database.execute("vacuum")
            database.execute("pragma wal_checkpoint(truncate)")
    return masked // 2
