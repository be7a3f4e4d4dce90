"""Sessions of plain events: the SQL of the web models against the plain rule."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.features.sessions import sessions

START = datetime(2026, 1, 1, 23, 0)
Event = dict[str, Any]

moments = st.builds(
    lambda minutes, seconds: START + timedelta(minutes=minutes, seconds=seconds),
    st.integers(0, 200),
    st.sampled_from([0, 0, 0, 1, 59]),
)
events_of_eight = st.lists(
    st.fixed_dictionaries(
        {
            "anonymous_id": st.sampled_from("abcdefgh"),
            "session_id": st.sampled_from([None, None, None, "t1", "t2"]),
            "device_type": st.sampled_from([None, "mobile"]),
            "event_at": moments,
        }
    ),
    min_size=60,
    max_size=120,
)


def table(events: list[Event]) -> pa.Table:
    times = pa.array([one["event_at"] for one in events], pa.timestamp("us"))
    names = {name for one in events for name in one} - {"event_at"}
    texts = {
        name: pa.array([one.get(name) for one in events], pa.string())
        for name in sorted(names)
    }
    return pa.table({"event_at": times} | texts)


def of(*events: Event, **options: Any) -> list[Event]:
    return sessions(table(list(events)), **options).to_pylist()


def seen(at: str, visitor: str = "a", **columns: Any) -> Event:
    found = datetime.fromisoformat(f"2026-01-01 {at}")
    return {"event_at": found, "visitor_id": visitor, **columns}


def plain_sessions(events: list[Event], gap_minutes: int) -> list[tuple[Any, ...]]:
    """Event by event, as one would write it down."""
    gap = timedelta(minutes=gap_minutes)
    found: dict[tuple[str, str | None], list[list[datetime]]] = {}
    for event in sorted(events, key=lambda one: one["event_at"]):
        key = event["anonymous_id"], event["session_id"]
        of_key = found.setdefault(key, [])
        at = event["event_at"]
        if of_key and (key[1] or at - of_key[-1][-1] <= gap):
            of_key[-1].append(at)
        else:
            of_key.append([at])
    rows = [
        (*key, times[0], times[-1], len(times))
        for key, of_key in found.items()
        for times in of_key
    ]
    return sorted(rows, key=str)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(events_of_eight, st.sampled_from([30, 30, 10, 45]))
def test_sessions_are_those_of_the_plain_rule(events, gap_minutes):
    columns = ("visitor_id", "tracker_session_id", "started_at", "ended_at", "events")
    found = sessions(table(events), gap_minutes).to_pylist()
    rows = [tuple(row[name] for name in columns) for row in found]
    assert sorted(rows, key=str) == plain_sessions(events, gap_minutes)


@pytest.mark.slow
@settings(max_examples=3, deadline=None)
@given(events_of_eight, st.randoms())
def test_the_order_of_the_rows_changes_nothing(events, chance):
    events = [one | {"event_id": str(n)} for n, one in enumerate(events)]
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert sessions(table(events)).equals(sessions(table(shuffled)))


def test_a_gap_of_exactly_thirty_minutes_stays_one_session():
    at_once, later = of(seen("10:00:00"), seen("10:30:00"), seen("11:00:01"))
    assert (at_once["events"], later["events"]) == (2, 1)


def test_the_trackers_session_lasts_over_any_gap_and_over_midnight():
    (one,) = of(
        seen("23:50", session_id="t"),
        {**seen("23:50", session_id="t"), "event_at": datetime(2026, 1, 2, 2)},
    )
    assert one["events"] == 2
    assert one["started_on"].isoformat() == "2026-01-01"


def test_a_session_begins_on_the_business_day_of_its_time_zone():
    (one,) = of(seen("23:50"), timezone="Europe/Berlin")
    assert one["started_on"].isoformat() == "2026-01-02"


def test_the_entry_page_is_the_first_page_without_its_parameters():
    (one,) = of(
        seen("10:00"),
        seen("10:02", url="https://a.example/two"),
        seen("10:01", url="https://a.example/one?gclid=1#top", device_type="mobile"),
    )
    assert one["landing_url"] == "https://a.example/one?gclid=1#top"
    assert one["entry_page"] == "https://a.example/one"


def test_a_user_who_signs_in_during_a_session_is_its_user():
    (one,) = of(
        {**seen("10:00"), "anonymous_id": "phone"},
        {**seen("10:05"), "anonymous_id": "phone", "user_id": "ada"},
        {**seen("10:10"), "anonymous_id": "phone"},
    )
    assert (one["visitor_id"], one["user_id"]) == ("phone", "ada")


HERE = "https://www.shop.example/p/1"
ORIGINS = {
    "a tagged campaign": (
        {"utm_source": "Google", "utm_medium": "CPC", "utm_campaign": "Brand"},
        ("google", "cpc", "brand", "paid_search"),
    ),
    "a search engine under any ending": (
        {"referrer": "https://www.google.co.uk/"},
        ("google", "organic", None, "organic_search"),
    ),
    "a page of a search company that is no search": (
        {"referrer": "https://docs.google.com/d/1"},
        ("docs.google.com", "referral", None, "referral"),
    ),
    "a social network": (
        {"referrer": "https://www.facebook.com/groups/1"},
        ("facebook.com", "referral", None, "organic_social"),
    ),
    "an unknown site": (
        {"referrer": "https://blog.example.org/post"},
        ("blog.example.org", "referral", None, "referral"),
    ),
    "its own site": (
        {"referrer": "https://www.shop.example/"},
        ("(direct)", "(none)", None, "direct"),
    ),
    "another host of its own site": (
        {"referrer": "https://app.shop.example/"},
        ("(direct)", "(none)", None, "direct"),
    ),
    "nowhere": ({}, ("(direct)", "(none)", None, "direct")),
}


@pytest.mark.parametrize(("event", "origin"), ORIGINS.values(), ids=ORIGINS)
def test_a_session_says_where_it_comes_from(event, origin):
    (one,) = of(seen("10:00", url=HERE, **event))
    assert tuple(one[c] for c in ("source", "medium", "campaign", "channel")) == origin


def test_the_first_event_that_says_where_it_comes_from_decides_alone():
    (one,) = of(
        seen("10:00", url=HERE),
        seen("10:01", url=HERE, utm_source="newsletter", utm_medium="email"),
        seen(
            "10:02", url=HERE, utm_source="google", utm_medium="cpc", utm_campaign="x"
        ),
    )
    assert (one["source"], one["channel"], one["campaign"]) == (
        "newsletter",
        "email",
        None,
    )
