"""What the night tells dbt, the gates and Python about itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import control
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.readings import dates_between
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, literal

NIGHT = date(2026, 11, 21)
FILE = LedgerRow(
    file_id="f1",
    content="c1",
    source="web",
    feed="web_events",
    delivery="events",
    path="web/events.jsonl",
    bytes=120,
    lines=10,
    loaded=7,
    quarantined=1,
    known=1,
    blank=1,
    filtered=0,
    status="loaded",
    reason=None,
    first_seen_at=datetime(2026, 11, 21, 2),
    sequence=1,
    declaration="d",
    reading=1,
    version=None,
    dates=(date(2026, 11, 19), date(2026, 11, 20)),
)
WEB = SourceSpec.model_validate(
    {
        "name": "web",
        "feed": "web_events",
        "path": "web/*.jsonl",
        "format": "jsonl",
        "delivery": "events",
        "required": True,
    }
)
SURVEY = SourceSpec.model_validate(
    {
        "name": "survey",
        "feed": "survey_responses",
        "path": "survey/*.csv",
        "format": "csv",
        "delivery": "events",
    }
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect() as connection:
        connection.execute("create schema night")
        yield connection


def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None, home=tmp_path, timezone="Europe/Paris", reporting_currency="GBP"
    )


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    found = connection.execute(f"describe {table}").fetchall()
    return {name: kind for name, kind, *_ in found}


def spine(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    before: date | None,
    day: date,
) -> list[tuple[Any, ...]]:
    control.write_control(connection, settings(tmp_path), day, before, date(2026, 9, 5))
    return rows(connection, "from night.as_of_dates order by as_of_date")


def test_the_control_table_says_what_tonight_is(connection, tmp_path):
    before = date(2026, 11, 20)
    control.write_control(
        connection, settings(tmp_path), NIGHT, before, date(2026, 9, 5)
    )
    found = rows(connection, "from night.control")
    assert found == [(NIGHT, before, "GBP", "Europe/Paris")]


def test_the_first_night_looks_at_each_month_end_since_the_first_day(
    connection, tmp_path
):
    assert spine(connection, tmp_path, None, NIGHT) == [
        (date(2026, 9, 30), False),
        (date(2026, 10, 31), False),
        (NIGHT, True),
    ]


def test_a_first_night_on_a_month_end_is_not_there_twice(connection, tmp_path):
    found = spine(connection, tmp_path, None, date(2026, 10, 31))
    assert found == [(date(2026, 9, 30), False), (date(2026, 10, 31), True)]


def test_a_later_night_looks_at_itself_alone(connection, tmp_path):
    assert spine(connection, tmp_path, date(2026, 11, 20), NIGHT) == [(NIGHT, True)]


def test_files_carry_their_counts_and_whether_they_are_new(connection):
    old = replace(FILE, file_id="f0", dates=())
    control.write_files(connection, [old, FILE], [WEB, SURVEY], {"f0"})
    found = rows(
        connection,
        "select file_id, lines, loaded + quarantined + known + blank, max_on, is_new "
        "from night.files order by file_id",
    )
    assert found == [
        ("f0", 10, 10, None, False),
        ("f1", 10, 10, date(2026, 11, 20), True),
    ]


def test_a_whole_list_is_superseded_by_the_next_one(connection):
    first = replace(FILE, delivery="full_snapshot")
    second = replace(first, file_id="f2", sequence=2)
    control.write_files(connection, [first, second], [WEB], set())
    found = rows(connection, "select file_id, status from night.files order by all")
    assert found == [("f1", "superseded"), ("f2", "loaded")]
    assert rows(connection, "select is_present from night.sources") == [(True,)]


def test_a_source_is_present_when_a_file_of_it_is_loaded(connection):
    rejected = replace(
        FILE, file_id="f2", source="survey", feed="survey_responses", status="rejected"
    )
    control.write_files(connection, [FILE, rejected], [WEB, SURVEY], set())
    assert rows(connection, "from night.sources order by source desc") == [
        ("web", "web_events", True, True, 0),
        ("survey", "survey_responses", False, False, 1),
    ]
    feeds = dict(rows(connection, "from night.feeds"))
    assert feeds["web_events"] is True
    assert feeds["survey_responses"] is False
    assert set(feeds) == set(FEEDS)


def test_a_night_without_files_still_has_every_control_table(connection):
    control.write_files(connection, [], [], set())
    control.write_dirty_dates(connection, [])
    assert rows(connection, "from night.files") == []
    assert rows(connection, "from night.dirty_dates") == []
    assert not any(present for _, present in rows(connection, "from night.feeds"))


def test_dirty_dates_are_kept_once_and_replace_those_of_an_earlier_try(connection):
    control.write_dirty_dates(connection, [date(2026, 1, 1)])
    control.write_dirty_dates(connection, [NIGHT, date(2026, 11, 3), NIGHT])
    found = rows(connection, "from night.dirty_dates order by all")
    assert found == [(date(2026, 11, 3),), (NIGHT,)]


def test_an_absent_feed_is_an_empty_table_with_the_right_columns(connection):
    control.mount_raw(connection, {}, [], [])
    for feed, spec in FEEDS.items():
        assert set(columns(connection, f"raw.{feed}")) == set(spec.columns)
        assert rows(connection, f"from raw.{feed}") == []
    assert columns(connection, "raw.invoice_lines")["amount"] == "DECIMAL(18,4)"
    assert columns(connection, "night.quarantine_rows")["raw"] == "BLOB"
    assert list(columns(connection, "raw.pii")) == control.PII_COLUMNS


def parquet(folder: Path, name: str, select: str) -> Path:
    path = folder / name
    with connect() as connection:
        connection.execute(f"copy ({select}) to {literal(path)} (format parquet)")
    return path


def test_a_feed_reads_all_its_files_in_a_folder_with_quotes(connection, tmp_path):
    folder = tmp_path / "o'hara's data"
    folder.mkdir()
    with connect() as empty:
        empty.execute(f"create table t as {FEEDS['payments'].empty_table_sql()}")
        empty.execute("insert into t (payment_id) values ('p1')")
        paths = [folder / "a.parquet", folder / "b.parquet"]
        for path in paths:
            empty.execute(f"copy t to {literal(path)} (format parquet)")
    control.mount_raw(connection, {"payments": paths}, [], [])
    found = rows(connection, "select payment_id from raw.payments")
    assert found == [("p1",), ("p1",)]


RELEASED = {"customers": {"customer_id": "varchar", "mrr": "decimal(18,2)"}}


def test_without_a_predecessor_its_tables_are_empty_and_typed(connection):
    control.mount_release(connection, RELEASED, {})
    found = columns(connection, "release.customers")
    assert found == {"customer_id": "VARCHAR", "mrr": "DECIMAL(18,2)"}
    assert rows(connection, "from release.customers") == []


def test_a_column_that_the_predecessor_did_not_have_is_null(connection, tmp_path):
    path = parquet(tmp_path, "c.parquet", "select 'c1' as customer_id, 'x' as dropped")
    control.mount_release(connection, RELEASED, {"customers": [path]})
    assert rows(connection, "from release.customers") == [("c1", None)]


def test_the_predecessor_is_read_in_the_types_of_tonight(connection, tmp_path):
    path = parquet(tmp_path, "c.parquet", "select 7 as customer_id, 5 as mrr")
    control.mount_release(connection, RELEASED, {"customers": [path]})
    assert columns(connection, "release.customers")["mrr"] == "DECIMAL(18,2)"
    assert rows(connection, "select customer_id from release.customers") == [("7",)]


def test_a_second_try_replaces_what_the_first_mounted(connection, tmp_path):
    path = parquet(tmp_path, "c.parquet", "select 'c1' as customer_id, 1 as mrr")
    control.mount_release(connection, RELEASED, {"customers": [path]})
    control.mount_release(connection, RELEASED, {})
    assert rows(connection, "from release.customers") == []


def test_dates_between_includes_both_ends():
    assert dates_between(NIGHT, NIGHT) == [NIGHT]
    found = dates_between(date(2026, 2, 27), date(2026, 3, 1))
    assert [d.day for d in found] == [27, 28, 1]
    assert dates_between(NIGHT, date(2026, 11, 20)) == []
