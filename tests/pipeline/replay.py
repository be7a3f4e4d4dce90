"""Nights that go on from a state against the same nights computed from nothing."""

import shutil
from datetime import date
from pathlib import Path

import duckdb

from dagster_project import state
from dagster_project.night import Night
from dagster_project.publish.catalogue import Release
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, literal, parquet_list
from tests.pipeline.world import run


def run_state_only(settings: Settings, day: date) -> Path:
    """What a night leaves to the next one, without the rest of it; the state's path.

    The release stays the one before: its state is replaced.
    """
    with Night(settings, day) as night:
        night.ingest()
        night.build("prepare")
        tonight = night.tonight
        before = tonight.predecessor
        assert before
        state.keep(
            settings, before.release_id, day, tonight.kept_tables, tonight.context
        )
        return state.state_path(settings, before.release_id)


def from_nothing(settings: Settings, folder: Path) -> Settings:
    """A copy of the home in which no state is kept."""
    shutil.copytree(settings.home, folder / "home", symlinks=True)
    shutil.rmtree(folder / "home" / "state")
    return settings.model_copy(update={"home": folder / "home"})


def differing_after(settings: Settings, day: date, folder: Path) -> dict[str, int]:
    """Run a night with its state and from nothing: rows that differ, by table.

    Compares what is kept for the next night and every published table that is about
    customers. Tables without a differing row are left out.
    """
    rebuilding = from_nothing(settings, folder)
    releases = run(settings, day), run(rebuilding, day)
    found = differing_states(
        state.state_path(settings, releases[0].release_id),
        state.state_path(rebuilding, releases[1].release_id),
    )
    found |= _differing_releases(*releases)
    shutil.rmtree(folder)
    return found


def differing_states(one: Path, other: Path) -> dict[str, int]:
    """Rows that only one of two states has, by table."""
    with connect() as connection:
        connection.execute(f"attach {literal(one)} as one (read_only)")
        connection.execute(f"attach {literal(other)} as other (read_only)")
        tables = connection.execute(
            "select distinct schema_name || '.' || table_name from duckdb_tables()"
            " where database_name in ('one', 'other') and schema_name <> 'state'"
        ).fetchall()
        pairs = {table: (f"one.{table}", f"other.{table}") for (table,) in tables}
        return _differing(connection, pairs)


def _differing_releases(one: Release, other: Release) -> dict[str, int]:
    pairs = {
        name: (_rows(one, name), _rows(other, name))
        for name, table in one.manifest["tables"].items()
        if not table["operational"]
    }
    with connect() as connection:
        return _differing(connection, pairs)


def _rows(release: Release, table: str) -> str:
    return f"read_parquet({parquet_list(release.parquet(table))})"


def _differing(
    connection: duckdb.DuckDBPyConnection, pairs: dict[str, tuple[str, str]]
) -> dict[str, int]:
    found = {}
    for name, (one, other) in sorted(pairs.items()):
        rows = connection.execute(
            f"select count(*) from ((from {one} except all from {other})"
            f" union all (from {other} except all from {one}))"
        ).fetchall()
        if rows[0][0]:
            found[name] = rows[0][0]
    return found
