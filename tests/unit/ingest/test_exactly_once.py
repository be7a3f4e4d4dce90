"""Property: however facts are delivered, the winning rows are those of one clean load.

Files are split, repeated, renamed, packed, grown and taken away, in any order, by runs
that are killed at any step.
"""

import gzip
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from ingest_company import Company
from jinja2 import Environment

from dagster_project.ingest.file_set import file_set, raw_relations
from dagster_project.ingest.ledger import Ledger, open_ledger
from dagster_project.ingest.raw_files import raw_path
from dagster_project.settings import REPOSITORY
from dagster_project.warehouse import parquet_list

pytestmark = pytest.mark.slow

#: Always the same examples, so that what is red once stays red.
STABLE = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NIGHT = (REPOSITORY / "dbt" / "macros" / "night.sql").read_text()
MACROS: Any = Environment().from_string(NIGHT).module
FIRST = """row_number() over (
    partition by {} order by received_at nulls last, _file_id, _line) = 1"""
WINS = {
    "web_events": FIRST.format("event_id"),
    "billing_customers": MACROS.winning_version("billing_customer_id"),
    "payments": MACROS.winning_version("payment_id"),
    "plans": "true",
}
START = datetime(2026, 11, 20)
Row = dict[str, str]


class Killed(BaseException):
    """The process ends here, as far as the disk can tell."""


@dataclass(frozen=True)
class Piece:
    """One delivery of some facts: how often, and whether it is half there at first."""

    facts: tuple[int, ...]
    copies: int
    grows: bool


@dataclass(frozen=True)
class Night:
    """What arrives, the plans there are, what is gone, when the first run is killed.

    A run has fewer steps than the largest `killed_at`: then it ends by itself.
    """

    pieces: tuple[Piece, ...]
    plans: tuple[int, ...]
    empties: bool
    killed_at: int


def fact(feed: str, number: int, version: int) -> tuple[str, Row]:
    """The same number and version are always the same row; an event has one version."""
    version = 0 if feed == "web_events" else version
    at = (START - timedelta(hours=number, days=version)).isoformat()
    if feed == "web_events":
        row = {"event_id": f"e{number}", "user_id": f"u{number % 3}", "event_at": at}
        return feed, row | {"event_type": "page", "received_at": at}
    if feed == "payments":
        status = ("failed", "succeeded", "refunded")[version]
        row = {"payment_id": f"p{number}", "paid_at": START.isoformat()}
        return feed, row | {"updated_at": at, "status": status}
    row = {"billing_customer_id": f"c{number}", "updated_at": at}
    return feed, row | {"country": f"V{version}", "email": f"c{version}@x.example"}


FACTS = [
    fact(feed, number, version)
    for feed in ("web_events", "billing_customers", "payments")
    for number in range(4)
    for version in range(1 if feed == "web_events" else 3)
]
pieces = st.builds(
    Piece,
    st.lists(st.integers(0, len(FACTS) - 1), min_size=1, max_size=12).map(tuple),
    st.integers(0, 2),
    st.booleans(),
)
nights = st.builds(
    Night,
    st.lists(pieces, min_size=1, max_size=3).map(tuple),
    st.lists(st.integers(0, 5), max_size=4, unique=True).map(tuple),
    st.booleans(),
    st.integers(0, 40),
)


def new_company() -> Company:
    company = Company(Path(tempfile.mkdtemp()))
    for feed, delivery in (
        ("web_events", "events"),
        ("billing_customers", "upserts"),
        ("payments", "upserts"),
        ("plans", "full_snapshot"),
    ):
        declared: dict[str, Any] = {"feed": feed, "path": f"{feed}/**/*.jsonl*"}
        if delivery == "upserts":
            declared["version_at"] = "updated_at"
        company.source(feed, format="jsonl", delivery=delivery, **declared)
    return company


histories = st.lists(nights, min_size=1, max_size=3)


@STABLE
@given(histories)
def test_however_facts_are_delivered_the_winners_are_those_of_one_clean_load(
    history: list[Night],
) -> None:
    winners_are_those_of_one_clean_load(history)


@pytest.mark.soak
@settings(STABLE, max_examples=300)
@given(histories)
def test_in_three_hundred_histories_the_winners_are_those_of_one_clean_load(
    history: list[Night],
) -> None:
    winners_are_those_of_one_clean_load(history)


def winners_are_those_of_one_clean_load(history: list[Night]) -> None:
    company, clean = new_company(), new_company()
    delivered: set[int] = set()
    snapshot: list[Row] = []
    for number, night in enumerate(history):
        if night.empties:
            empty(company)
        if night.plans:
            # No snapshot has the bytes of an older one: it names its night.
            snapshot = [{"plan_id": f"p{n}", "tier": f"{number}"} for n in night.plans]
            company.deliver(f"plans/{number}.jsonl", snapshot)
        for is_whole in (False, True):
            for place, piece in enumerate(night.pieces):
                deliver(company, f"{number}-{place}", piece, is_whole)
            run(company, None if is_whole else night.killed_at)
        delivered.update(*(piece.facts for piece in night.pieces))
    deliver(clean, "all", Piece(tuple(sorted(delivered)), 0, False), True)
    if snapshot:
        clean.deliver("plans/all.jsonl", snapshot)
    clean.ingest()
    assert winners(company) == winners(clean)
    nothing_is_left_over(company)


def deliver(company: Company, name: str, piece: Piece, is_whole: bool) -> None:
    """One file per feed, and its copies under other names or packed."""
    shown = piece.facts if is_whole else piece.facts[: len(piece.facts) // 2]
    facts = [FACTS[n] for n in (shown if piece.grows else piece.facts)]
    for feed in {feed for feed, _ in facts}:
        rows = [row for of_feed, row in facts if of_feed == feed]
        path = company.deliver(f"{feed}/{name}.jsonl", rows)
        for copy in range(piece.copies):
            content = path.read_bytes()
            suffix = ".gz" if copy else ""
            packed = gzip.compress(content, mtime=0) if copy else content
            company.deliver(f"{feed}/copy/{name}.jsonl{suffix}", packed)


def empty(company: Company) -> None:
    for path in company.landing.rglob("*.jsonl*"):
        path.unlink()


def run(company: Company, killed_at: int | None) -> None:
    """An ingest, killed before one of the steps that change the disk."""
    if killed_at is None:
        company.ingest()
        return
    steps = iter(range(killed_at))

    def stepwise(do: Any) -> Any:
        def step(*given: Any, **named: Any) -> Any:
            if next(steps, None) is None:
                raise Killed
            return do(*given, **named)

        return step

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (os, "fsync"),
            (Path, "replace"),
            (Ledger, "write"),
            (Ledger, "remember"),
        ):
            patch.setattr(owner, name, stepwise(getattr(owner, name)))
        try:
            company.ingest()
        except Killed:
            event("killed")


def winners(company: Company) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that staging would take, without where they came from."""
    relations = raw_relations(company.settings, file_set(company.settings))
    found = {}
    for feed, wins in WINS.items():
        if relations[feed]:
            query = f"""
                select columns(lambda c: not starts_with(c, '_'))
                from read_parquet({parquet_list(relations[feed])})
                qualify {wins} order by all"""
            found[feed] = duckdb.execute(query.replace("qualify true", "")).fetchall()
    return found


def nothing_is_left_over(company: Company) -> None:
    """No half written file, no file half known, no rows of an unknown file."""
    home = company.settings.home
    assert not list(home.rglob("*.tmp"))
    with open_ledger(company.settings) as ledger:
        rows = ledger.rows()
    assert {row.status for row in rows} <= {"loaded", "superseded"}
    for row in rows:
        assert raw_path(home, row.feed, row.file_id).exists()
    known = {row.file_id for row in rows}
    for feed in WINS:
        assert {path.stem for path in (home / "raw" / feed).glob("*")} <= known


def snapshots(company: Company, **declaration: Any) -> None:
    company.source(
        feed="plans",
        path="plans-*.jsonl",
        format="jsonl",
        delivery="full_snapshot",
        **declaration,
    )


def plans_of(company: Company, *names: str) -> list[str]:
    """The plans that count after these snapshots, one night each."""
    for name in names:
        rows = [{"plan_id": letter} for letter in name.partition("=")[2]]
        company.deliver(f"plans-{name.partition('=')[0]}.jsonl", rows)
        company.ingest()
    return [plan for (plan,) in company.raw("plans", "plan_id")]


def test_of_dated_snapshots_the_latest_counts_whenever_it_comes(
    company: Company,
) -> None:
    dated = {"file_path": r"plans-(\d+)", "format": "%Y%m%d"}
    snapshots(company, version_at=dated)
    assert plans_of(company, "20261118=ab", "20261120=b", "20261119=abc") == ["b"]


def test_a_dated_snapshot_may_return_to_an_earlier_state(company: Company) -> None:
    dated = {"file_path": r"plans-(\d+)", "format": "%Y%m%d"}
    snapshots(company, version_at=dated)
    assert plans_of(company, "20261118=ab", "20261119=b", "20261120=ab") == ["a", "b"]


def test_the_same_undated_snapshot_under_another_name_changes_nothing(
    company: Company,
) -> None:
    snapshots(company)
    assert plans_of(company, "1=ab", "2=b", "3=ab") == ["b"]
