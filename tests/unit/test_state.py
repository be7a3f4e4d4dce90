"""What is kept from night to night, and what of it may still be used."""

import os
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import readings, state
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.readings import BuiltFrom
from dagster_project.settings import Settings
from dagster_project.transform import work_file
from dagster_project.warehouse import connect

MODELS = {"intermediate.sessions": "aaaa", "intermediate.activity": "bbbb"}
CONTEXT = "UTC"


def day(number: int) -> date:
    return date(2026, 11, number)


def file(name: str, *days: int, status: str = "loaded", reading: int = 1) -> LedgerRow:
    return LedgerRow(
        file_id=name,
        content=name,
        source="web",
        feed="web_events",
        delivery="events",
        path=f"{name}.jsonl",
        bytes=1,
        lines=1,
        loaded=1,
        quarantined=0,
        known=0,
        blank=0,
        filtered=0,
        status=status,  # type: ignore[arg-type]
        reason=None,
        first_seen_at=datetime(2026, 11, 21),
        sequence=1,
        declaration="",
        reading=reading,
        version=None,
        dates=tuple(day(n) for n in days),
    )


FILES = file("f1", 1, 2), file("f2", 9, reading=3)


def built(as_of: int, *files: LedgerRow) -> BuiltFrom:
    return BuiltFrom(day(as_of), readings.readings(files))


def dirty(
    before: BuiltFrom | None, *files: LedgerRow, as_of: int = 10, spread: int = 0
) -> list[int]:
    return [d.day for d in readings.dirty_dates(before, files, day(as_of), spread)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path, threads=1, memory_limit="200MB")


def work(settings: Settings) -> duckdb.DuckDBPyConnection:
    work_file(settings).parent.mkdir(parents=True, exist_ok=True)
    return connect(work_file(settings), settings)


def build_tables(settings: Settings) -> None:
    with work(settings) as connection:
        connection.execute(
            "create schema intermediate; create schema marts; create schema staging;"
            "create table intermediate.sessions as select 1 as session_id;"
            "create table intermediate.activity as select 2 as n;"
            "create table marts.customers as select 3 as n;"
            "create view staging.events as select 4 as n"
        )


def keep(settings: Settings, release_id: str = "2026-11-09-1", as_of: int = 9) -> None:
    with work(settings) as connection:
        connection.execute("create schema if not exists night")
        readings.note_readings(connection, FILES)
    state.keep(settings, release_id, day(as_of), MODELS, CONTEXT)


def tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() union all "
        "select schema_name || '.' || view_name from duckdb_views() where not internal"
    )
    return {name for (name,) in found.fetchall()}


# Which dates are computed again


def test_without_a_state_every_date_of_every_file_is_dirty():
    assert dirty(None, file("f1", 1, 2), file("f2", 2, 7)) == [1, 2, 7]


def test_the_dates_since_the_state_are_dirty_with_files_or_without():
    assert dirty(built(7, file("f1", 1)), file("f1", 1)) == [8, 9, 10]


def test_a_late_file_makes_its_old_dates_dirty():
    files = file("f1", 1, 5), file("late", 3)
    assert dirty(built(9, file("f1", 1, 5)), *files) == [3, 10]


def test_a_file_that_is_gone_makes_its_dates_dirty():
    before = built(9, file("f1", 1), file("gone", 2, 4))
    gone = file("gone", 2, 4, status="withdrawn")
    assert dirty(before, file("f1", 1), gone) == [2, 4, 10]
    assert dirty(before, file("f1", 1)) == [2, 4, 10]


def test_a_file_that_was_read_again_makes_its_dates_dirty_as_they_were_and_are():
    before = built(9, file("f1", 1, 2), file("f2", 5))
    again = file("f1", 2, 3, reading=2)
    assert dirty(before, again, file("f2", 5)) == [1, 2, 3, 10]


def test_a_newer_snapshot_touches_the_dates_of_the_one_that_it_replaces():
    first = replace(file("first", 1, 2), delivery="full_snapshot")
    second = replace(file("second", 2, 3), delivery="full_snapshot", sequence=2)
    assert dirty(built(9, first), first, second) == [1, 2, 3, 10]


def test_a_superseded_file_and_its_successor_both_make_their_dates_dirty():
    old, new = file("old", 2, 3, status="superseded"), file("new", 3, 4)
    assert dirty(built(9, file("old", 2, 3)), old, new) == [2, 3, 4, 10]


def test_a_file_that_was_never_loaded_changes_nothing():
    rejected = file("bad", 5, status="rejected")
    assert dirty(built(9, file("f1", 1)), file("f1", 1), rejected) == [10]


def test_dates_after_the_night_wait_for_their_own_night():
    early = file("early", 9, 12)
    assert dirty(built(9), early) == [9, 10]
    assert dirty(built(10, early), early, as_of=12) == [11, 12]


def test_the_same_night_from_its_own_state_has_nothing_to_do():
    assert dirty(built(10, file("f1", 1, 9)), file("f1", 1, 9)) == []


def test_a_business_day_in_another_zone_touches_its_neighbours():
    assert dirty(built(9), file("late", 5), spread=1) == [4, 5, 6, 10]


def test_the_spread_does_not_reach_past_the_night():
    assert dirty(None, file("f1", 10), spread=1) == [9, 10]


# What a state holds


def test_a_state_holds_the_incremental_tables_and_what_they_were_built_of(settings):
    build_tables(settings)
    keep(settings)
    assert not work_file(settings).exists()
    assert state.restore(settings, "2026-11-09-1")
    with work(settings) as connection:
        kept = {"state.night", "state.readings", "state.models"}
        assert tables(connection) == set(MODELS) | kept
        assert state.built_from(connection) == built(9, *FILES)


def test_a_state_of_an_earlier_version_is_not_used(settings):
    build_tables(settings)
    with work(settings) as connection:
        connection.execute(
            "create schema state; create table state.files as select 'f1' as file_id;"
            "create table state.night as select date '2026-11-09' as as_of_date;"
            "create table state.models as "
            "select 'intermediate.sessions' as name, 'aaaaUTC' as hash"
        )
        dropped = state.drop_outdated(connection, MODELS, CONTEXT)
        assert dropped == ["intermediate.sessions"]
        assert state.built_from(connection) is None


def test_a_restored_state_is_a_copy_that_the_night_may_spoil(settings):
    build_tables(settings)
    keep(settings)
    state.restore(settings, "2026-11-09-1")
    with work(settings) as connection:
        connection.execute("drop table intermediate.sessions")
    state.restore(settings, "2026-11-09-1")
    with work(settings) as connection:
        assert "intermediate.sessions" in tables(connection)


@pytest.mark.parametrize("release_id", [None, "2026-11-01-1"])
def test_without_a_state_the_night_begins_with_nothing(settings, release_id):
    build_tables(settings)
    assert state.restore(settings, release_id) is False
    assert not work_file(settings).exists()
    with work(settings) as connection:
        assert state.built_from(connection) is None
        assert state.drop_outdated(connection, MODELS, CONTEXT) == []


def test_what_a_killed_run_left_in_the_work_folder_goes(settings):
    build_tables(settings)
    wal = work_file(settings).with_name("work.duckdb.wal")
    wal.write_bytes(b"half")
    (settings.home / "work" / "spill").mkdir()
    state.discard_work(settings)
    assert list((settings.home / "work").iterdir()) == []
    state.discard_work(settings)


def test_a_file_that_is_mostly_empty_is_made_small_and_keeps_its_rows(settings):
    build_tables(settings)
    with work(settings) as connection:
        connection.execute(
            "create table marts.big as select i, md5(i::varchar) as m "
            "from range(200000) t(i)"
        )
    large = work_file(settings).stat().st_size
    keep(settings)
    kept = state.state_path(settings, "2026-11-09-1")
    assert kept.stat().st_size < large / 2
    with connect(kept) as connection:
        rows = connection.execute("select * from intermediate.sessions").fetchall()
        assert rows == [(1,)]
    assert not list(settings.home.rglob("compacting*"))


# What changed code and declarations throw away


def dropped(settings: Settings, models: dict[str, str], context: str) -> list[str]:
    state.restore(settings, "2026-11-09-1")
    with work(settings) as connection:
        gone = state.drop_outdated(connection, models, context)
        assert tables(connection) & set(MODELS) == set(MODELS) - set(gone)
    return gone


def test_a_table_is_dropped_when_what_defines_it_has_changed(settings):
    build_tables(settings)
    keep(settings)
    sessions, activity = MODELS
    assert dropped(settings, MODELS, CONTEXT) == []
    assert dropped(settings, MODELS | {sessions: "other"}, CONTEXT) == [sessions]
    assert dropped(settings, {activity: "bbbb"}, CONTEXT) == [sessions]
    assert dropped(settings, MODELS, "Europe/Paris") == sorted(MODELS)


MANIFEST: dict[str, Any] = {
    "metadata": {"project_name": "segments"},
    "nodes": {
        "seed.segments.limits": {
            "schema": "seeds",
            "name": "limits",
            "config": {"materialized": "seed"},
            "raw_code": "",
            "checksum": {"checksum": "limits of today"},
            "depends_on": {"macros": []},
        },
        "model.segments.events": {
            "schema": "staging",
            "name": "events",
            "config": {"materialized": "view"},
            "raw_code": "select * from source",
            "checksum": {"checksum": "e1"},
            "depends_on": {"nodes": ["source.segments.raw.web_events"]},
        },
        "model.segments.sessions": {
            "schema": "intermediate",
            "name": "sessions",
            "config": {"materialized": "incremental"},
            "raw_code": "select * from events",
            "checksum": {"checksum": "s1"},
            "depends_on": {"nodes": ["model.segments.events", "seed.segments.limits"]},
        },
        "model.segments.customers": {
            "schema": "marts",
            "name": "customers",
            "config": {"materialized": "table"},
            "raw_code": "select * from sessions",
            "checksum": {"checksum": "c1"},
            "depends_on": {"nodes": ["model.segments.sessions"]},
        },
    },
    "macros": {
        "macro.segments.slot": {"package_name": "segments", "macro_sql": "// 1800"},
        "macro.dbt.run": {"package_name": "dbt", "macro_sql": "of dbt itself"},
    },
}


def fingerprint_after(*path: str, value: str = "changed") -> str:
    manifest = deepcopy(MANIFEST)
    place = manifest
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return state.incremental_models(manifest)["intermediate.sessions"]


def test_only_incremental_models_have_a_fingerprint_and_it_is_stable():
    once = state.incremental_models(MANIFEST)
    assert set(once) == {"intermediate.sessions"}
    assert once == state.incremental_models(deepcopy(MANIFEST))


@pytest.mark.parametrize(
    "path",
    [
        ("nodes", "model.segments.sessions", "raw_code"),
        ("nodes", "model.segments.events", "raw_code"),
        ("nodes", "seed.segments.limits", "checksum", "checksum"),
        ("macros", "macro.segments.slot", "macro_sql"),
    ],
    ids=["its own SQL", "SQL above it", "a seed it reads", "a macro"],
)
def test_a_fingerprint_changes_with(path):
    before = state.incremental_models(MANIFEST)["intermediate.sessions"]
    assert fingerprint_after(*path) != before


@pytest.mark.parametrize(
    "path",
    [
        ("nodes", "model.segments.customers", "raw_code"),
        ("macros", "macro.dbt.run", "macro_sql"),
    ],
    ids=["SQL below it", "a macro of dbt"],
)
def test_a_fingerprint_does_not_change_with(path):
    before = state.incremental_models(MANIFEST)["intermediate.sessions"]
    assert fingerprint_after(*path) == before


# Held nights and old states


def test_the_work_file_of_a_held_night_is_kept_for_reading_only(settings):
    build_tables(settings)
    state.keep_held(settings, "2026-11-10-1")
    kept = settings.home / "held" / "2026-11-10-1.duckdb"
    assert not work_file(settings).exists()
    assert kept.stat().st_mode & 0o777 == 0o444
    with connect(kept, read_only=True) as connection:
        assert "marts.customers" in tables(connection)


def test_a_night_held_before_it_had_a_file_keeps_none(settings):
    state.keep_held(settings, "2026-11-10-1")
    assert not (settings.home / "held").exists()


def test_only_the_last_three_states_are_kept(settings):
    for number in range(5, 10):
        build_tables(settings)
        keep(settings, f"2026-11-0{number}-1", number)
    kept = sorted(path.name for path in (settings.home / "state").iterdir())
    assert kept == [f"2026-11-0{n}-1.duckdb" for n in (7, 8, 9)]


def test_the_oldest_go_first_whatever_their_names(tmp_path):
    for age, name in enumerate(["new", "older", "oldest"]):
        path = tmp_path / f"{name}.duckdb"
        path.touch()
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "notes.txt").touch()
    state.prune(tmp_path, 2)
    assert {p.name for p in tmp_path.iterdir()} == {
        "new.duckdb",
        "older.duckdb",
        "notes.txt",
    }


def test_a_digest_depends_on_values_and_not_on_the_order_of_keys():
    assert state.hash_of({"a": 1, "b": 2}) == state.hash_of({"b": 2, "a": 1})
    assert state.hash_of({"a": 1}) != state.hash_of({"a": 2})
