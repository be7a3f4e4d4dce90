"""Times with and without an offset, and the hours that clocks skip or show twice."""

from typing import Any

import pytest
from ingest_company import Company

ROW = {"payment_id": "p", "status": "succeeded"}


def read(company: Company, written: Any, zone: str = "UTC", **rule: str) -> list[str]:
    """What becomes of one time, in UTC; empty when it was quarantined."""
    company.source(
        feed="payments",
        path="*.jsonl",
        format="jsonl",
        delivery="events",
        timezone=zone,
        fields={**{k: k for k in ROW}, "paid_at": {"path": "at", **rule}},
    )
    company.deliver("a.jsonl", [{**ROW, "at": written}])
    company.ingest()
    return [at for (at,) in company.raw("payments", "paid_at::VARCHAR")]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-07-01T10:00:00Z", "2026-07-01 10:00:00"),
        ("2026-07-01T10:00:00+02:00", "2026-07-01 08:00:00"),
        ("2026-07-01 10:00:00 -0930", "2026-07-01 19:30:00"),
        ("2026-07-01T10:00:00+05", "2026-07-01 05:00:00"),
        ("2026-07-01T10:00:00 UTC", "2026-07-01 10:00:00"),
        ("2026-07-01T10:00:00UTC", "2026-07-01 10:00:00"),
        ("2026-07-01 10:00:00 Z", "2026-07-01 10:00:00"),
        ("2026-07-01 10:00 +14:00", "2026-06-30 20:00:00"),
    ],
)
def test_an_offset_wins_over_the_zone_of_the_source(
    company: Company, written: str, utc: str
) -> None:
    assert read(company, written, "Europe/Berlin") == [utc]


@pytest.mark.parametrize(
    ("zone", "written", "utc"),
    [
        ("Europe/Berlin", "2026-07-01 10:00", "2026-07-01 08:00:00"),
        ("Europe/Berlin", "2026-01-15 10:00", "2026-01-15 09:00:00"),
        ("Asia/Kolkata", "2026-01-15 00:10", "2026-01-14 18:40:00"),
        ("America/New_York", "2026-07-01", "2026-07-01 04:00:00"),
    ],
)
def test_a_time_without_an_offset_is_of_the_zone_of_the_source(
    company: Company, zone: str, written: str, utc: str
) -> None:
    assert read(company, written, zone) == [utc]


@pytest.mark.parametrize(
    ("zone", "written", "utc"),
    [
        ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29 00:59:59"),
        ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29 01:30:00"),
        ("Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29 01:00:00"),
        ("America/New_York", "2026-03-08 02:30:00", "2026-03-08 07:30:00"),
    ],
)
def test_a_time_in_the_skipped_hour_is_an_hour_later_on_the_clock(
    company: Company, zone: str, written: str, utc: str
) -> None:
    """02:30 was never shown: it is read as if the clock had not been put forward."""
    assert read(company, written, zone) == [utc]


@pytest.mark.parametrize(
    ("zone", "written", "utc"),
    [
        ("Europe/Berlin", "2026-10-25 01:59:59", "2026-10-24 23:59:59"),
        ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 01:30:00"),
        ("Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25 02:00:00"),
        ("America/New_York", "2026-11-01 01:30:00", "2026-11-01 06:30:00"),
    ],
)
def test_a_time_in_the_hour_shown_twice_is_the_second_of_them(
    company: Company, zone: str, written: str, utc: str
) -> None:
    assert read(company, written, zone) == [utc]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-10-25T02:30:00+02:00", "2026-10-25 00:30:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25 01:30:00"),
    ],
)
def test_an_offset_tells_the_two_hours_apart(
    company: Company, written: str, utc: str
) -> None:
    assert read(company, written, "Europe/Berlin") == [utc]


@pytest.mark.parametrize(
    ("rule", "written", "utc"),
    [
        ({"format": "%d.%m.%Y %H:%M"}, "25.10.2026 02:30", "2026-10-25 01:30:00"),
        ({"format": "%d.%m.%Y %H:%M"}, "29.03.2026 02:30", "2026-03-29 01:30:00"),
        (
            {"format": "%Y%m%d %H%M%S %z"},
            "20261025 023000 +0200",
            "2026-10-25 00:30:00",
        ),
        ({"unit": "s"}, 1792888200, "2026-10-25 00:30:00"),
        ({"unit": "ms"}, "1792888200500", "2026-10-25 00:30:00.5"),
        ({"unit": "us"}, "1792888200000001", "2026-10-25 00:30:00.000001"),
    ],
)
def test_formats_and_epochs_follow_the_same_rules(
    company: Company, rule: dict[str, str], written: Any, utc: str
) -> None:
    assert read(company, written, "Europe/Berlin", **rule) == [utc]


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-29 10:00",
        "2026-11-20 24:01",
        "2026-11-20 10:60",
        "2026-11-20T10:00:00+25:00",
        "2026-11-20T10:00:00 CET",
        "20 Nov 2026",
        "2026-W47-5",
        "1792888200",
    ],
)
def test_what_is_no_time_is_quarantined(company: Company, written: str) -> None:
    assert read(company, written, "Europe/Berlin") == []
    assert company.quarantine() == [(1, "paid_at: not a timestamp")]


def test_a_day_of_an_instant_is_that_of_the_zone_of_the_source(
    company: Company,
) -> None:
    fields = {"subscription_id": "s", "billing_customer_id": "c", "monthly_amount": "m"}
    company.source(
        feed="subscriptions",
        path="*.jsonl",
        format="jsonl",
        delivery="upserts",
        timezone="Asia/Tokyo",
        fields={**fields, "starts_on": {"path": "at", "unit": "s"}},
    )
    company.deliver("a.jsonl", [{"s": "s", "c": "c", "m": 1, "at": 1792888200}])
    company.deliver("b.jsonl", [{"s": "t", "c": "c", "m": 1, "at": 1792850400}])
    company.ingest()
    days = company.raw("subscriptions", "starts_on::VARCHAR")
    assert sorted(days) == [("2026-10-24",), ("2026-10-25",)]
