"""Sessions of public logs against the sessions published with them or counted plainly.

NASA's access log and OTTO's shop are real; retentioneering's shop is its vendor's.
"""

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dagster_project.features.sessions import sessions
from dagster_project.settings import REPOSITORY

SHARED = REPOSITORY.parent / "shared" / "data"
NASA = SHARED / "nasa_http_1995_08_01"
OTTO = SHARED / "otto_sample"
RETENTIONEERING = SHARED / "retentioneering"

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the public logs (../shared/data) are not here"
)

Event = tuple[str, datetime]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def rows(path: Path) -> list[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def cut(events: list[Event], gap_minutes: int = 30, **columns: Any) -> list[tuple]:
    visitors, times = zip(*events, strict=True)
    given = {"visitor_id": visitors, "event_at": pa.array(times, pa.timestamp("us"))}
    found = sessions(pa.table(given | columns), gap_minutes).to_pylist()
    names = ("visitor_id", "started_at", "ended_at", "events")
    return sorted(tuple(row[name] for name in names) for row in found)


def plainly(events: list[Event], gap: timedelta) -> list[tuple]:
    found = []
    for visitor, of_visitor in groupby(sorted(events), key=lambda one: one[0]):
        times = [at for _, at in of_visitor]
        breaks = [n for n in range(1, len(times)) if times[n] - times[n - 1] > gap]
        for first, last in zip([0, *breaks], [*breaks, len(times)], strict=True):
            found.append((visitor, times[first], times[last - 1], last - first))
    return sorted(found)


@pytest.fixture(scope="module")
def shop() -> list[dict[str, str]]:
    return rows(RETENTIONEERING / "ecom_synthetic_clickstream.csv.gz")


def test_nasas_day_has_the_published_sessions_row_for_row():
    hits = rows(NASA / "nasa_http.csv.gz")
    events = [
        (hit["host"], EPOCH + timedelta(seconds=int(hit["time"]))) for hit in hits
    ]
    published = [
        (
            row["host"],
            EPOCH + timedelta(seconds=int(row["start"])),
            EPOCH + timedelta(seconds=int(row["end"])),
            int(row["hits"]),
        )
        for row in rows(NASA / "expected_sessions_30min.csv.gz")
    ]
    ours = cut(events)
    assert ours == sorted(published)
    reference = json.loads((NASA / "reference.json").read_text())
    assert (
        len(ours) == reference["sessions_30min_gap_all_hits (computed, gap > 1800 s)"]
    )
    bounced = sum(events == 1 for *_, events in ours)
    assert bounced == reference["bounce_sessions(1 hit)"]
    assert (
        round(sum(n for *_, n in ours) / len(ours), 3)
        == (reference["mean_hits_per_session"])
    )
    seconds = sum((until - since).total_seconds() for _, since, until, _ in ours)
    assert round(seconds / len(ours), 3) == reference["mean_duration_s"]


def test_ottos_visitors_have_their_144_sessions():
    reference = json.loads((OTTO / "reference.json").read_text())
    events = [
        (row["session"], EPOCH + timedelta(milliseconds=int(row["ts"])))
        for row in rows(OTTO / "otto_events_flat.csv")
    ]
    ours = cut(events)
    assert len(ours) == reference["sessions_by_30min_gap (computed)"] == 144
    assert ours == plainly(events, timedelta(minutes=30))


def test_the_shops_own_session_ids_are_its_half_hour_sessions(shop):
    reference = json.loads((RETENTIONEERING / "reference.json").read_text())
    events = [
        (row["user_id"], datetime.fromisoformat(row["timestamp"])) for row in shop
    ]
    by_gap = cut(events)
    by_id = cut(events, session_id=[row["session_id"] for row in shop])
    assert len(by_gap) == reference["session_ids_in_file"] == 3605
    assert by_gap == by_id


@pytest.mark.parametrize("minutes", [1, 5, 90])
def test_other_gaps_cut_as_plainly(shop, minutes):
    events = [
        (row["user_id"], datetime.fromisoformat(row["timestamp"])) for row in shop
    ]
    assert cut(events, minutes) == plainly(events, timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("case", "minutes"),
    [("test_timeout_duration_string", 1), ("test_timeout_timedelta", 30)],
)
def test_retentioneerings_timeouts_give_its_sessions(case, minutes):
    """Its other cases are about separator events, which trackers send as session ids,
    and about how it reads its own options."""
    cases = json.loads((RETENTIONEERING / "split_sessions_cases.json").read_text())
    (found,) = [one for one in cases if one["case"].endswith(case)]
    events = [
        (user, datetime.fromisoformat(at))
        for user, _, at in found["rows [user_id,event,timestamp]"]
    ]
    assert found["expected (peer assertions)"] == ["len(sessions) == 2"]
    assert len(cut(events, minutes)) == 2
