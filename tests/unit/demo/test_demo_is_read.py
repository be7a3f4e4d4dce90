"""The shipped declarations read every file of the demo, and lose nothing of it."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from demo_world import read_landing

from dagster_project.demo import DemoResult, generate
from dagster_project.demo.feeds import FEEDS as DELIVERED
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.grammar.source_spec import SourceSpec, load_sources
from dagster_project.ingest.load import ingest
from dagster_project.ingest.outcome import IngestResult
from dagster_project.settings import REPOSITORY, Settings

# Where several sources could deliver a feed, ours is named like it.
SOURCES = [s for s in load_sources(REPOSITORY / "sources") if s.name == s.feed]
VERSION = "updated_at"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoResult]:
    landing = tmp_path_factory.mktemp("read") / "landing"
    result = generate(25, 18, date(2026, 11, 7), seed=2, out=landing)
    return landing, result


@pytest.fixture(scope="module")
def outcome(made: tuple[Path, DemoResult]) -> IngestResult:
    landing, _ = made
    settings = Settings(
        _env_file=None, home=landing.parent / "home", landing=landing, pepper="pepper"
    )
    seen_at = datetime(2026, 11, 8, 2)
    return ingest(settings, SOURCES, lambda _: None, seen_at)


def test_every_feed_with_a_declaration_of_ours_is_in_the_demo():
    assert {feed.table for feed in DELIVERED} == {source.feed for source in SOURCES}


def test_every_line_is_loaded_as_its_feed(made, outcome):
    _, written = made
    loaded: Counter[str] = Counter()
    for file in outcome.files:
        assert (file.row.status, file.row.quarantined) == ("loaded", 0), file.row.reason
        loaded[file.row.feed] += file.row.loaded + file.row.known
    assert loaded == +Counter(written.rows)
    assert len(outcome.files) == len(written.files)
    assert list(outcome.unclaimed) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_column_is_one_of_the_feed_and_versions_are_dated(
    made, source: SourceSpec
):
    landing, _ = made
    table = "subscription_rows" if source.feed == "subscriptions" else source.feed
    described = read_landing(landing).execute(f"describe {table}").fetchall()
    columns = {row[0] for row in described} - {"filename"}
    version = {source.version_at.path} if source.version_at else set()
    assert columns - version <= set(FEEDS[source.feed].fields)
    assert version <= columns
    assert source.delivery != "upserts" or version
