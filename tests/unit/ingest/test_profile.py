"""The profile of a raw file: counted from its footer, the same as counted by hand."""

from datetime import date, datetime

import duckdb
import pytest
from ingest_company import Company

from dagster_project import warehouse
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.profile import (
    MOST_DAYS,
    MOST_VALUES,
    begin_measuring,
    domain_columns,
    measure_files,
    profiled_columns,
)

TICKET = {"user_id": "u", "opened_at": "2026-11-20T10:00:00Z", "channel": "email"}


@pytest.fixture
def tickets(company: Company) -> Company:
    company.source(feed="tickets", path="*.jsonl", format="jsonl", delivery="events")
    return company


def profile(company: Company, feed: str, timezone: str = "UTC") -> dict[str, tuple]:
    """By column: rows, nulls, lowest, highest, distinct values, their counts."""
    company.ingest()
    paths = sorted((company.settings.home / "raw" / feed).glob("*.parquet"))
    with warehouse.connect() as connection:
        begin_measuring(connection)
        measure_files(connection, FEEDS[feed], paths, timezone)
        rows = connection.execute(
            "select column_name, * exclude (file_id, column_name) from profile_measures"
        ).fetchall()
    assert len(rows) == len(profiled_columns(FEEDS[feed])) * len(paths)
    return {name: tuple(rest) for name, *rest in rows}


def deliver(company: Company, *tickets: dict, name: str = "t.jsonl") -> None:
    rows = [{**TICKET, "ticket_id": f"t{i}", **t} for i, t in enumerate(tickets)]
    company.deliver(name, rows)


def test_rows_nulls_limits_and_values_are_those_of_the_file(tickets):
    deliver(
        tickets,
        {"csat": 3, "status": "open", "opened_at": "2026-11-19T23:30:00Z"},
        {"csat": 9.5, "status": "solved", "closed_at": "2026-11-20T11:00:00Z"},
        {"status": "solved", "user_id": None, "email": "ann@example.com"},
    )
    found = profile(tickets, "tickets")
    assert found["ticket_id"] == (3, 0, None, None, None, None)
    assert found["user_id"] == (3, 1, None, None, None, None)
    assert found["email_hash"] == (3, 2, None, None, None, None)
    assert found["csat"] == (3, 1, "3.0000", "9.5000", None, None)
    assert found["closed_at"][:4] == (3, 2, *["2026-11-20 11:00:00"] * 2)
    assert found["status"] == (3, 0, None, None, 2, '{"open":1,"solved":2}')
    assert found["channel"] == (3, 0, None, None, 1, '{"email":3}')
    assert found["priority"] == (3, 3, None, None, None, None)
    days = '{"2026-11-19":1,"2026-11-20":2}'
    assert found["opened_at"] == (
        *(3, 0, "2026-11-19 23:30:00", "2026-11-20 10:00:00"),
        *(2, days),
    )


def test_days_are_business_days_of_the_time_zone(tickets):
    deliver(tickets, {"opened_at": "2026-11-19T23:30:00Z"}, {})
    days = profile(tickets, "tickets", "Europe/Berlin")["opened_at"][5]
    assert days == '{"2026-11-20":2}'
    days = profile(tickets, "tickets", "Asia/Kathmandu")["opened_at"][5]
    assert days == '{"2026-11-20":2}'
    days = profile(tickets, "tickets", "America/New_York")["opened_at"][5]
    assert days == '{"2026-11-19":1,"2026-11-20":1}'


def test_several_files_are_told_apart(tickets):
    deliver(tickets, {"status": "open"}, name="a.jsonl")
    deliver(tickets, {"status": "solved"}, {"status": "solved"}, name="b.jsonl")
    tickets.ingest()
    paths = list((tickets.settings.home / "raw" / "tickets").glob("*.parquet"))
    with warehouse.connect() as connection:
        begin_measuring(connection)
        measure_files(connection, FEEDS["tickets"], paths, "UTC")
        found = connection.execute(
            "select rows, value_counts from profile_measures"
            " where column_name = 'status' order by rows"
        ).fetchall()
    assert found == [(1, '{"open":1}'), (2, '{"solved":2}')]


def test_a_file_without_rows_has_a_profile(invoices):
    invoices.deliver("a.csv", "invoice_line_id,invoice_id,invoiced_at,amount\n")
    found = profile(invoices, "invoice_lines")
    assert found["amount"] == (0, 0, None, None, None, None)


def test_a_column_with_many_values_shows_none_of_them(tickets):
    many = [{"status": f"s{i}"} for i in range(MOST_VALUES + 1)]
    deliver(tickets, *many)
    assert profile(tickets, "tickets")["status"][4:] == (MOST_VALUES + 1, None)


def test_an_address_in_a_column_of_few_values_is_masked(tickets):
    deliver(tickets, {"status": "ann@example.com"}, {"status": "bob@example.com"})
    assert profile(tickets, "tickets")["status"][5] == '{"<e-mail>":2}'


def test_only_the_newest_days_of_a_long_file_are_kept(tickets):
    first = date(2026, 5, 1).toordinal()
    days = [date.fromordinal(first + n).isoformat() for n in range(MOST_DAYS + 5)]
    deliver(tickets, *({"opened_at": f"{day}T10:00:00Z"} for day in days))
    counted = profile(tickets, "tickets")["opened_at"]
    assert counted[4] == MOST_DAYS + 5
    assert counted[5].startswith(f'{{"{days[5]}":1')
    assert counted[5].endswith(f'"{days[-1]}":1}}')


def test_every_feed_can_be_profiled(tmp_path):
    """With one row of every type, written as ingest writes it."""
    path = tmp_path / "f.parquet"
    for name, feed in FEEDS.items():
        values = {"TIMESTAMP": datetime(2026, 11, 20), "DATE": date(2026, 11, 20)}
        row = ", ".join(
            f"{values.get(t, 1)!s}".join(["'", "'"]) + f"::{t} as {column}"
            for column, t in feed.columns.items()
        )
        duckdb.execute(f"copy (select {row}) to '{path}' (format parquet)")
        with warehouse.connect() as connection:
            begin_measuring(connection)
            measure_files(connection, feed, [path], "Europe/Berlin")
            found = connection.execute(
                "select column_name, lowest, distinct_values from profile_measures"
                " where file_id = 'f' and rows = 1 and nulls = 0"
            ).fetchall()
        assert {column for column, *_ in found} == set(profiled_columns(feed)), name
        counted = {column for column, _, values in found if values == 1}
        dated = {feed.business_date} - {None}
        assert counted == {*domain_columns(feed), *dated}, name
        typed = {c for c, t in profiled_columns(feed).items() if t != "VARCHAR"}
        assert {column for column, lowest, _ in found if lowest} == typed, name


def test_personal_columns_and_texts_are_never_counted_by_value():
    for feed in FEEDS.values():
        for column in domain_columns(feed):
            assert feed.fields[column] in ("text", "currency"), (feed.name, column)
