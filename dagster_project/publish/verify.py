"""Compares a release on disk with its manifest: bytes, rows and content.

Repairs nothing.
"""

from collections.abc import Iterator
from typing import Any

import duckdb

from dagster_project.errors import SegmentsError
from dagster_project.publish.catalogue import Release, find_release
from dagster_project.publish.content_hash import content_hash, release_hash
from dagster_project.publish.durable import readable_errors, sha256_of
from dagster_project.publish.manifest import DATABASE, MANIFEST
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, identifier, literal

CHECKED = "checked"  # the catalog name under which `segments.duckdb` is attached


def verify(settings: Settings, release_id: str) -> list[str]:
    """Everything in which a release differs from its manifest; empty when sound.

    File hashes are recomputed, and content hashes from the Parquet files and from
    `segments.duckdb`. Raises UsageError when there is no such release.
    """
    release = find_release(settings, release_id)
    with connect(None, settings) as connection:
        # Hashing needs no spill file, and a night may be using that folder.
        connection.execute("set temp_directory = ''")
        return problems_of(release, connection)


def problems_of(release: Release, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The same for a release folder that need not have its final name yet."""
    try:
        with readable_errors(f"reading release {release.release_id}"):
            manifest = release.manifest
            files = list(_file_problems(release, manifest))
        return [
            *files,
            *_parquet_problems(release, manifest, connection),
            *_database_problems(release, manifest, connection),
            *_release_hash_problems(manifest),
        ]
    except SegmentsError as error:
        return [str(error)]


def _file_problems(release: Release, manifest: dict[str, Any]) -> Iterator[str]:
    expected = dict(manifest["files"])
    for table in manifest["tables"].values():
        expected |= table["files"]
    present = {
        path.relative_to(release.folder).as_posix()
        for path in release.folder.rglob("*")
        if not path.is_dir()
    }
    for name in sorted(present - {*expected, MANIFEST}):
        yield f"{name}: is not part of the release"
    for name, known in sorted(expected.items()):
        if name not in present:
            yield f"{name}: is missing"
        elif (size := (release.folder / name).stat().st_size) != known["bytes"]:
            yield f"{name}: has {size} bytes instead of {known['bytes']}"
        elif sha256_of(release.folder / name) != known["sha256"]:
            yield f"{name}: its bytes were changed"


def _parquet_problems(
    release: Release, manifest: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    for name, table in manifest["tables"].items():
        files = ", ".join(literal(release.folder / file) for file in table["files"])
        relation = f"read_parquet([{files}], hive_partitioning = false)"
        yield from _content_problems(connection, f"{name} (parquet)", relation, table)


def _database_problems(
    release: Release, manifest: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    path = release.folder / DATABASE
    try:
        connection.execute(f"attach {literal(path)} as {CHECKED} (read_only)")
    except duckdb.Error as error:
        yield f"{DATABASE}: cannot be opened: {_first_line(error)}"
        return
    try:
        for name, table in manifest["tables"].items():
            if not table["personal"]:
                relation = f"{CHECKED}.main.{identifier(name)}"
                label = f"{name} ({DATABASE})"
                yield from _content_problems(connection, label, relation, table)
    finally:
        connection.execute(f"detach {CHECKED}")


def _content_problems(
    connection: duckdb.DuckDBPyConnection,
    label: str,
    relation: str,
    table: dict[str, Any],
) -> Iterator[str]:
    try:
        digest = content_hash(connection, relation)
    except duckdb.Error as error:
        yield f"{label}: cannot be read: {_first_line(error)}"
        return
    if digest != table["content_hash"]:
        yield f"{label}: content hash {digest} instead of {table['content_hash']}"


def _release_hash_problems(manifest: dict[str, Any]) -> Iterator[str]:
    tables = manifest["tables"].items()
    content = {n: t["content_hash"] for n, t in tables if not t["operational"]}
    if release_hash(content) != manifest["content_hash"]:
        yield f"{MANIFEST}: the content hash is not that of its tables"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
