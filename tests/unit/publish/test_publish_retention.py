from datetime import date
from pathlib import Path

import pytest
from publish_world import publish, settings_of

from dagster_project.publish.catalogue import list_releases
from dagster_project.publish.pointer import accepted_releases, current_release
from dagster_project.publish.retention import clean_leftovers, prune_releases
from dagster_project.publish.rollback import rollback
from dagster_project.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "home")


def nights(settings: Settings, *days: str) -> None:
    for day in days:
        publish(settings, date.fromisoformat(day))


def kept(settings: Settings) -> list[str]:
    return [release.release_id for release in list_releases(settings)]


def test_the_newest_and_the_last_of_each_month_are_kept(settings):
    nights(settings, "2026-09-29", "2026-09-30", "2026-10-30")
    nights(settings, "2026-11-19", "2026-11-20", "2026-11-21")
    assert prune_releases(settings, keep=2) == ["2026-09-29-1", "2026-11-19-1"]
    assert kept(settings) == [
        "2026-09-30-1",
        "2026-10-30-1",
        "2026-11-20-1",
        "2026-11-21-1",
    ]


def test_nothing_is_pruned_while_there_are_few(settings):
    nights(settings, "2026-11-20", "2026-11-21")
    assert prune_releases(settings) == []


def test_the_current_release_and_its_predecessor_stay_whatever_their_age(settings):
    nights(settings, "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20")
    rollback(settings, "2026-11-18-1")
    assert prune_releases(settings, keep=0) == ["2026-11-19-1", "2026-11-20-1"]
    assert kept(settings) == ["2026-11-17-1", "2026-11-18-1"]
    assert current_release(settings).release_id == "2026-11-18-1"


def test_a_pruned_release_is_no_longer_accepted(settings):
    nights(settings, "2026-11-19", "2026-11-20", "2026-11-21")
    prune_releases(settings, keep=1)
    accepted = [release.release_id for release in accepted_releases(settings)]
    assert accepted == ["2026-11-20-1", "2026-11-21-1"]


def test_leftovers_of_killed_runs_are_removed_and_releases_stay(settings):
    nights(settings, "2026-11-20")
    releases = settings.home / "releases"
    (releases / ".tmp-2026-11-21-1" / "report").mkdir(parents=True)
    (releases / ".tmp-2026-11-21-1" / "segments.duckdb").write_text("half")
    (releases / ".tmp-current").symlink_to("2026-11-21-1")
    (settings.home / "status" / ".tmp-current_status.json").write_text("{")
    assert clean_leftovers(settings) == [
        ".tmp-2026-11-21-1",
        ".tmp-current",
        ".tmp-current_status.json",
    ]
    assert kept(settings) == ["2026-11-20-1"]
    assert clean_leftovers(settings) == []


def test_a_new_home_has_no_leftovers(settings):
    assert clean_leftovers(settings) == []
    assert prune_releases(settings) == []
