"""The bundled access log and reviews against the figures of their sources."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from samples.retail import bundle as bundling
from tests.reference.retail_files import (
    DATA,
    LANDING,
    Row,
    needs_sources,
    rows,
    rows_of,
)


@pytest.fixture(scope="module")
def requests() -> list[Row]:
    return rows("web/access-*.csv.gz")


@pytest.fixture(scope="module")
def answers() -> list[Row]:
    return rows("survey/reviews-*.csv.gz")


def test_an_access_file_holds_only_its_day():
    for path in sorted(LANDING.glob("web/access-*.csv.gz")):
        days = {
            datetime.fromtimestamp(int(row["time"]), UTC).date().isoformat()
            for row in rows_of(path)
        }
        assert days == {path.name.removeprefix("access-").removesuffix(".csv.gz")}


def test_the_web_log_keeps_its_sessions(requests):
    times = defaultdict(list)
    for request in requests:
        times[request["visitor"]].append(int(request["time"]))
    sessions = 0
    for found in times.values():
        found.sort()
        gaps = (b - a for a, b in zip(found, found[1:], strict=False))
        sessions += 1 + sum(gap > 1800 for gap in gaps)
    assert len(requests) == 30_969
    assert len({request["event_id"] for request in requests}) == 30_969
    assert len(times) == 2_365
    assert sessions == 2_989


def test_the_web_log_keeps_its_pages(requests):
    pages = [r for r in requests if r["url"].endswith((".html", "/"))]
    shown = [
        r for r in pages if r["method"] == "GET" and r["response"] in ("200", "304")
    ]
    assert len(pages) == 8_322
    assert len(shown) == 8_264


@needs_sources
def test_the_web_log_keeps_every_request_but_not_the_host(requests):
    def seen(row: Row, day_seconds: int) -> tuple[str | int, ...]:
        request = (row["method"], row["url"], row["response"], row["bytes"])
        return (day_seconds, *request)

    original = list(rows_of(DATA / bundling.REQUESTS))
    assert Counter(seen(r, int(r["time"]) % 86_400) for r in requests) == Counter(
        seen(r, int(r["time"]) % 86_400) for r in original
    )
    published = {r["visitor"] for r in requests} | {r["user_id"] for r in requests}
    assert not published & {r["host"] for r in original}


def test_a_host_has_one_day_and_at_most_one_customer(requests):
    days, users = defaultdict(set), defaultdict(set)
    for request in requests:
        days[request["visitor"]].add(int(request["time"]) // 86_400)
        users[request["visitor"]].add(request["user_id"])
    assert {len(found) for found in days.values()} == {1}
    assert {len(found) for found in users.values()} == {1}


@pytest.mark.parametrize(
    ("id_column", "user_column", "share"),
    [("visitor", "user_id", 0.60), ("ReviewerID", "UserID", 0.02)],
)
def test_the_stated_share_is_linked_to_customers(
    id_column, user_column, share, requests, answers
):
    linked = {
        row[id_column]: row[user_column]
        for row in (requests if id_column == "visitor" else answers)
    }
    users = {user for user in linked.values() if user}
    known = {row["UserID"] for row in rows("billing/customers-*.csv")}
    assert users <= known
    assert sum(map(bool, linked.values())) / len(linked) == pytest.approx(
        share, rel=0.05
    )


def test_the_reviews_keep_their_stars(answers):
    assert Counter(answer["Stars"] for answer in answers) == {
        "0": 198,
        "1": 2_775,
        "2": 2_630,
        "3": 3_646,
        "4": 18_370,
        "5": 118_693,
    }
    assert len({answer["ResponseID"] for answer in answers}) == 146_312
    assert max(answer["SubmittedAt"] for answer in answers)[:10] == "2011-03-31"


@needs_sources
def test_the_reviews_are_the_source_moved_by_a_constant(answers):
    import pyarrow.parquet as pq

    table = pq.read_table(DATA / bundling.REVIEWS).to_pylist()
    shift = timedelta(days=bundling.REVIEWS_SHIFTED_BY_DAYS)

    def moved(date: str) -> str:
        return (datetime.fromisoformat(date) + shift).strftime("%Y-%m-%d %H:%M")

    original = Counter(
        (str(row["reviewerId"]), str(row["vendorId"]), str(row["rating"]), moved(day))
        for row in table
        if "2006-03-01" <= (day := row["date"]) < "2006-06-30"
    )
    assert original == Counter(
        (row["ReviewerID"], row["VendorID"], row["Stars"], row["SubmittedAt"])
        for row in answers
    )
