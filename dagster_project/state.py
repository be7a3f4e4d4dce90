"""What is kept from night to night: the incremental tables and what they were built of.

A state only saves work. Deleting it changes nothing but the time of the next night.
"""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.readings import BuiltFrom, Reading
from dagster_project.settings import Settings
from dagster_project.transform import work_file
from dagster_project.warehouse import connect, identifier, literal, transaction

KEPT_STATES = 3

KEPT_HELD = 3

#: Changes when a state is laid out in another way: an older one is not used.
LAYOUT = "2"


def state_path(settings: Settings, release_id: str) -> Path:
    """The state that an accepted release left."""
    return settings.home / "state" / f"{release_id}.duckdb"


def discard_work(settings: Settings) -> None:
    """Delete whatever an earlier run left in the work file."""
    work = work_file(settings)
    work.parent.mkdir(parents=True, exist_ok=True)
    work.unlink(missing_ok=True)
    work.with_name(work.name + ".wal").unlink(missing_ok=True)
    shutil.rmtree(work.parent / "spill", ignore_errors=True)


def restore(settings: Settings, release_id: str | None) -> bool:
    """Put the state of a release into the work file; False when there is none."""
    discard_work(settings)
    if release_id is None or not state_path(settings, release_id).exists():
        return False
    work = work_file(settings)
    shutil.copyfile(state_path(settings, release_id), work)
    return True


def incremental_models(manifest: dict[str, Any]) -> dict[str, str]:
    """Each incremental table (`schema.name`) with the hash of all that defines it."""
    found = {}
    for unique_id, node in manifest["nodes"].items():
        if node.get("config", {}).get("materialized") == "incremental":
            name = f"{node['schema']}.{node['name']}"
            found[name] = _fingerprint(manifest, unique_id)
    return found


def drop_outdated(
    connection: duckdb.DuckDBPyConnection, models: dict[str, str], context: str
) -> list[str]:
    """Drop stored tables whose definition has changed; returns their names.

    `context` stands for what else decides them: the time zone, the declarations.
    """
    if not _has(connection, "state", "models"):
        return []
    stored = connection.execute("select name, hash from state.models").fetchall()
    outdated = [
        name
        for name, hash_ in stored
        if LAYOUT + models.get(name, "") + context != hash_
    ]
    for name in outdated:
        schema, _, table = name.partition(".")
        connection.execute(
            f"drop table if exists {identifier(schema)}.{identifier(table)}"
        )
    return sorted(outdated)


def built_from(connection: duckdb.DuckDBPyConnection) -> BuiltFrom | None:
    """What the work file was built from; None when it starts from nothing."""
    if not _has(connection, "state", "night"):
        return None
    row = connection.execute("select as_of_date from state.night").fetchone()
    if row is None or not _has(connection, "state", "readings"):
        return None
    found = connection.execute("select file_id, number, dates from state.readings")
    files = {one: Reading(n, tuple(days)) for one, n, days in found.fetchall()}
    return BuiltFrom(row[0], files)


def keep(
    settings: Settings,
    release_id: str,
    as_of: date,
    models: dict[str, str],
    context: str,
) -> None:
    """Make the work file of an accepted night the state of its release."""
    work = work_file(settings)
    with connect(work, settings) as connection:
        connection.execute("drop schema if exists state cascade")
        connection.execute("create schema state")
        connection.execute("create table state.readings as from night.readings")
        with transaction(connection):
            _drop_all_but(connection, {*models, "state.readings"})
        connection.execute("create table state.night (as_of_date date)")
        connection.execute("insert into state.night values (?)", [as_of])
        connection.execute("create table state.models (name varchar, hash varchar)")
        for name, hash_ in models.items():
            connection.execute(
                "insert into state.models values (?, ?)",
                [name, LAYOUT + hash_ + context],
            )
        wasted = _wasted_share(connection)
    target = state_path(settings, release_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    if wasted > 0.5:
        _compact(work)
    work.replace(target)
    prune(target.parent, KEPT_STATES)


def keep_held(settings: Settings, release_id: str) -> None:
    """Keep the work file of a held night, read-only, for `segments inspect`."""
    work = work_file(settings)
    if not work.exists():
        return
    kept = settings.home / "held" / f"{release_id}.duckdb"
    kept.parent.mkdir(parents=True, exist_ok=True)
    work.replace(kept)
    kept.chmod(0o444)
    prune(kept.parent, KEPT_HELD)


def prune(folder: Path, kept: int) -> None:
    """Delete all but the newest files of a folder of databases."""
    by_age = sorted(folder.glob("*.duckdb"), key=lambda p: p.stat().st_mtime_ns)
    for path in by_age[:-kept]:
        path.unlink()


def hash_of(value: Any) -> str:
    """A short digest of plain values."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _fingerprint(manifest: dict[str, Any], unique_id: str) -> str:
    parts: dict[str, Any] = {}
    waiting = [unique_id]
    while waiting:
        one = waiting.pop()
        if one in parts or one not in manifest["nodes"]:
            continue
        node = manifest["nodes"][one]
        parts[one] = [node.get("raw_code"), node["checksum"]["checksum"]]
        waiting += node["depends_on"].get("nodes", [])
    own = {
        name: macro["macro_sql"]
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == manifest["metadata"]["project_name"]
    }
    return hash_of([parts, own])


def _has(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?",
        [schema, table],
    )
    return found.fetchone() is not None


def _drop_all_but(connection: duckdb.DuckDBPyConnection, kept: set[str]) -> None:
    views = connection.execute(
        "select schema_name, view_name from duckdb_views() where not internal"
    ).fetchall()
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where not internal"
    ).fetchall()
    for kind, names in (("view", views), ("table", tables)):
        for schema, name in names:
            if f"{schema}.{name}" not in kept:
                connection.execute(
                    f"drop {kind} if exists {identifier(schema)}.{identifier(name)}"
                )


def _wasted_share(connection: duckdb.DuckDBPyConnection) -> float:
    connection.execute("checkpoint")
    row = connection.execute(
        "select free_blocks, total_blocks from pragma_database_size()"
    ).fetchone()
    return row[0] / row[1] if row and row[1] else 0.0


def _compact(work: Path) -> None:
    smaller = work.with_name("compacting.duckdb")
    smaller.unlink(missing_ok=True)
    with connect() as connection:
        connection.execute(f"attach {literal(work)} as wasteful")
        connection.execute(f"attach {literal(smaller)} as compact")
        connection.execute("copy from database wasteful to compact")
    smaller.replace(work)
