"""Event ids that come on several days."""

from datetime import date

import duckdb
import pytest

from dagster_project.repeated_events import find_repeated_events

FIRST, SECOND, THIRD = (date(2026, 1, day) for day in (1, 2, 3))


class Company:
    """Raw events and the night that looks at them."""

    def __init__(self) -> None:
        self.files = 0
        self.engine = duckdb.connect()
        self.engine.execute("""
            create schema raw;
            create schema night;
            create table night.control as
                select date '2026-01-03' as as_of_date, 'UTC' as timezone;
            create table raw.web_events (
                event_id varchar, event_at timestamp, received_at timestamp,
                _file_id varchar, _received bigint, _line bigint, _id_hash ubigint
            );
            create table night.dirty_files (file_id varchar)""")

    def deliver(self, event: str, at: str, received: str | None = None) -> None:
        self.files += 1
        self.engine.execute(
            "insert into raw.web_events select $1, $2, $3, $2 || $1, $4, 1,"
            " md5_number_lower($1)",
            [event, at, received, self.files],
        )

    def withdraw(self, event: str, at: str) -> None:
        self.engine.execute(
            "delete from raw.web_events where event_id = ? and event_at = ?",
            [event, at],
        )

    def find(self, *dirty: date, timezone: str = "UTC") -> list[date]:
        self.engine.execute(
            "create or replace table night.dirty_dates as"
            " select unnest(?::date[]) as dirty_on",
            [list(dirty)],
        )
        self.engine.execute("update night.control set timezone = ?", [timezone])
        self.engine.execute(
            "create or replace table night.dirty_files as"
            " select distinct _file_id as file_id from raw.web_events"
        )
        return sorted(find_repeated_events(self.engine, timezone))

    @property
    def left_out(self) -> list[tuple[str, date]]:
        return self.engine.execute("""
            select raw.event_id, repeated.event_on
            from raw.web_events as raw
            inner join night.repeated_events as repeated
                using (_id_hash, _received, _line)
            where not repeated.counts
            order by all""").fetchall()


@pytest.fixture
def company() -> Company:
    return Company()


def test_an_event_counts_on_the_day_of_its_first_delivery(company: Company) -> None:
    company.deliver("e", "2026-01-01 10:00", "2026-01-03 00:00")
    company.deliver("e", "2026-01-02 10:00", "2026-01-02 11:00")
    company.deliver("e", "2026-01-03 10:00")
    company.deliver("once", "2026-01-03 10:00")

    assert company.find(FIRST, SECOND, THIRD) == [FIRST, THIRD]
    assert company.left_out == [("e", FIRST), ("e", THIRD)]


def test_of_two_deliveries_on_one_day_the_first_counts(company: Company) -> None:
    company.deliver("e", "2026-01-01 10:00", "2026-01-05 10:01")
    company.deliver("e", "2026-01-01 10:00", "2026-01-01 10:01")

    assert company.find(FIRST) == [FIRST]
    assert company.left_out == [("e", FIRST)]
    counting = "select _received from night.repeated_events where counts"
    assert company.engine.execute(counting).fetchall() == [(2,)]


def test_ids_with_one_number_are_told_apart(company: Company) -> None:
    company.deliver("e", "2026-01-01 10:00")
    company.deliver("f", "2026-01-01 10:00")
    company.engine.execute("update raw.web_events set _id_hash = 7")

    assert company.find(FIRST) == []
    assert company.left_out == []


def test_the_business_day_is_that_of_the_time_zone(company: Company) -> None:
    company.deliver("e", "2026-01-01 23:30", "2026-01-01 23:30")
    company.deliver("e", "2026-01-02 10:00", "2026-01-02 10:00")

    assert company.find(SECOND, timezone="Europe/Berlin") == [SECOND]


def test_an_earlier_delivery_that_comes_late_touches_the_day_that_counted(
    company: Company,
) -> None:
    company.deliver("e", "2026-01-02 10:00", "2026-01-02 11:00")
    assert company.find(SECOND) == []

    company.deliver("e", "2026-01-01 10:00", "2026-01-01 11:00")

    assert company.find(FIRST) == [SECOND]
    assert company.left_out == [("e", SECOND)]


def test_when_the_first_delivery_is_withdrawn_the_next_one_counts(
    company: Company,
) -> None:
    company.deliver("e", "2026-01-01 10:00", "2026-01-01 11:00")
    company.deliver("e", "2026-01-02 10:00", "2026-01-02 11:00")
    assert company.find(FIRST, SECOND) == [SECOND]

    company.withdraw("e", "2026-01-01 10:00")

    assert company.find(FIRST) == [SECOND]
    assert company.left_out == []


def test_an_event_after_the_as_of_date_takes_no_part(company: Company) -> None:
    company.deliver("e", "2026-01-04 10:00", "2026-01-01 11:00")
    company.deliver("e", "2026-01-02 10:00", "2026-01-02 11:00")

    assert company.find(SECOND) == []
    assert company.left_out == []


def test_every_night_comes_to_what_one_night_over_everything_finds(
    company: Company,
) -> None:
    together = Company()
    deliveries = [
        ("a", FIRST, 5),
        ("a", SECOND, 4),
        ("b", FIRST, 1),
        ("a", THIRD, 3),
        ("b", THIRD, 2),
        ("c", SECOND, 9),
        ("a", FIRST, 2),
        ("c", FIRST, 9),
    ]
    for event, day, received in deliveries:
        for one in (company, together):
            one.deliver(event, f"{day} 10:00", f"2026-01-03 10:{received:02}")
        company.find(day)

    together.find(FIRST, SECOND, THIRD)
    assert company.left_out == together.left_out != []
