"""All vendors at once are the same facts as our own columns."""

from pathlib import Path

from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.grammar.claims import check_claims
from dagster_project.ingest.grammar.source_spec import load_sources
from tests.declarations.vendors.own_columns import (
    declare_own_columns,
    deliver_own_columns,
)
from tests.declarations.vendors.vendor_world import (
    FOLDER,
    expected_quarantine,
    golden_files,
    home_of,
    load,
    quarantined,
    raw_rows,
    shipped_sources,
    vendors,
)


def test_all_vendors_at_once_give_the_raw_tables_of_our_own_columns(
    tmp_path: Path,
) -> None:
    feeds = sorted({feed for vendor in vendors() for feed in golden_files(vendor)})
    theirs = home_of(tmp_path / "a", [FOLDER / name / "landing" for name in vendors()])
    load(theirs, shipped_sources())
    ours = home_of(tmp_path / "b", [])
    deliver_own_columns(ours.landing_folder, vendors())
    declare_own_columns(tmp_path / "sources", feeds)
    load(ours, load_sources(tmp_path / "sources"))
    for feed in FEEDS.values():
        assert raw_rows(theirs, feed) == raw_rows(ours, feed), feed.name
    expected = [row for vendor in vendors() for row in expected_quarantine(vendor)]
    assert quarantined(theirs) == sorted(expected)
    assert quarantined(ours) == []


def test_no_sample_is_claimed_by_two_declarations_of_a_feed(tmp_path: Path) -> None:
    landings = [FOLDER / name / "landing" for name in vendors()]
    landing = home_of(tmp_path, landings).landing_folder
    claims = [
        (path.relative_to(landing).as_posix(), source)
        for source in shipped_sources()
        for path in landing.glob(source.path)
        if path.is_file()
    ]
    assert {source.name for _, source in claims} >= {"web_events__ga4"}
    check_claims(claims)
