"""Builds the folder of one release and proves that it can be read back unchanged.

Nothing here makes a release current: that is `pointer.py`.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.errors import SegmentsError
from dagster_project.publish.catalogue import (
    Release,
    parse_release_id,
    releases_folder,
)
from dagster_project.publish.durable import (
    TEMPORARY,
    readable_errors,
    sync,
    write_synced,
)
from dagster_project.publish.manifest import (
    DATABASE,
    MANIFEST,
    REPORT,
    build_manifest,
    manifest_text,
)
from dagster_project.publish.tables import PUBLISHED, PublishedTable
from dagster_project.publish.verify import problems_of
from dagster_project.publish.writing import OUTGOING, TableWriter
from dagster_project.settings import Settings
from dagster_project.warehouse import literal

# The oldest format that DuckDB 2.0 writes; clients from 1.0 on can open it.
STORAGE_VERSION = "v1.0.0"
READ_ONLY, OWNER_READ_ONLY, OPEN_FOLDER = 0o444, 0o400, 0o755

Render = Callable[[duckdb.DuckDBPyConnection], str]


def build_release(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    release_id: str,
    manifest_extra: Mapping[str, Any],
    *,
    render: Render | None = None,
    comments: Mapping[str, Mapping[str, str]] | None = None,
    tables: Iterable[PublishedTable] = PUBLISHED,
    rows_per_file: int = 5_000_000,
) -> Release:
    """Write, seal and re-read a release; it is complete, but not yet current.

    A release that is killed or fails on the way leaves at most a hidden folder, which
    `clean_leftovers` removes.

    Args:
        connection: the work database of the night, outside a transaction.
        settings: of this run.
        as_of: the night.
        release_id: `<as_of>-<n>`, from `next_release_id`.
        manifest_extra: what the night knows: predecessor, input_files, declarations
            (parsed content), gates, champions.
        render: makes the report page from a connection whose default catalog is the
            release.
        comments: column texts, table -> column -> text.
        tables: what to publish.
        rows_per_file: a larger table becomes a folder of files.

    Raises:
        SegmentsError: a table is missing, stale or cannot be published; the disk is
            full or not writable; what was written does not read back the same.
    """
    if parse_release_id(release_id)[0] != as_of:
        raise SegmentsError(f"release id {release_id!r} is not of the night {as_of}")
    final = releases_folder(settings) / release_id
    folder = final.with_name(f"{TEMPORARY}{release_id}")
    with readable_errors(f"writing release {release_id}"), _new_folder(folder, final):
        writer = TableWriter(
            connection, folder, release_id, as_of, comments or {}, rows_per_file
        )
        entries = _write_tables(writer, tables)
        _write_report(connection, folder, render)
        manifest = build_manifest(release_id, as_of, folder, entries, manifest_extra)
        write_synced(folder / MANIFEST, manifest_text(manifest))
        _seal(folder, manifest)
        if problems := problems_of(Release(release_id, folder), connection):
            raise SegmentsError(
                f"release {release_id} does not read back as it was written:\n"
                + "\n".join(problems)
            )
        folder.rename(final)
        sync(final.parent)
    return Release(release_id, final)


@contextmanager
def _new_folder(folder: Path, final: Path) -> Iterator[None]:
    if final.exists():
        raise SegmentsError(f"release {final.name} exists already and never changes")
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Closed until it is sealed: it holds personal data under the default permissions.
    folder.mkdir(mode=0o700)
    try:
        yield
    finally:
        # After success it bears its final name; after a failure it only takes space.
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _attached(
    connection: duckdb.DuckDBPyConnection, path: Path, option: str
) -> Iterator[None]:
    connection.execute(f"attach {literal(path)} as {OUTGOING} ({option})")
    try:
        yield
    finally:
        connection.execute(f"detach {OUTGOING}")


def _write_tables(
    writer: TableWriter, tables: Iterable[PublishedTable]
) -> dict[str, Any]:
    # The rows of a file follow the grain only when their order is preserved.
    writer.connection.execute("set preserve_insertion_order = true")
    storage = f"storage_version {literal(STORAGE_VERSION)}"
    with _attached(writer.connection, writer.folder / DATABASE, storage):
        entries = {table.name: writer.write(table) for table in tables}
        writer.connection.execute(f"checkpoint {OUTGOING}")
    return entries


def _write_report(
    connection: duckdb.DuckDBPyConnection, folder: Path, render: Render | None
) -> None:
    if render is None:
        return
    with (
        _attached(connection, folder / DATABASE, "read_only"),
        connection.cursor() as reader,
    ):
        reader.execute("set TimeZone = 'UTC'")
        reader.execute(f"use {OUTGOING}")
        page = render(reader)
    (folder / REPORT).parent.mkdir()
    write_synced(folder / REPORT, page)


def _seal(folder: Path, manifest: dict[str, Any]) -> None:
    personal = {
        name
        for entry in manifest["tables"].values()
        if entry["personal"]
        for name in entry["files"]
    }
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            is_personal = path.relative_to(folder).as_posix() in personal
            path.chmod(OWNER_READ_ONLY if is_personal else READ_ONLY)
        sync(path)
    folder.chmod(OPEN_FOLDER)
    sync(folder)
