from datetime import date
from pathlib import Path

import pytest
from publish_world import build, publish, settings_of

from dagster_project.errors import AnotherRunInProgress, SegmentsError, UsageError
from dagster_project.publish.lock import night_lock
from dagster_project.publish.pointer import (
    accepted_releases,
    current_link,
    current_release,
    predecessor,
)
from dagster_project.publish.rollback import rollback
from dagster_project.publish.status import read_current_status, read_log
from dagster_project.settings import Settings

DAYS = [date(2026, 11, day) for day in (20, 21, 22, 23)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three published nights: 20, 21 and 22 November."""
    settings = settings_of(tmp_path / "home")
    for day in DAYS[:3]:
        publish(settings, day)
    return settings


def accepted(settings: Settings) -> list[str]:
    return [release.release_id for release in accepted_releases(settings)]


def test_a_rollback_makes_the_earlier_release_current_and_says_so(settings):
    rollback(settings, "2026-11-20-1", reason="wrong prices")
    last = read_log(settings)[-1]
    assert current_release(settings).release_id == "2026-11-20-1"
    assert last.decision == "rolled_back"
    assert last.reasons == ("wrong prices",)
    assert last.withdrawn == ("2026-11-21-1", "2026-11-22-1")
    assert read_current_status(settings).current_release == "2026-11-20-1"


def test_the_next_night_continues_from_the_release_rolled_back_to(settings):
    rollback(settings, "2026-11-20-1")
    assert predecessor(settings, DAYS[3]).release_id == "2026-11-20-1"
    again = publish(settings, DAYS[3])
    assert again.manifest["predecessor"] == "2026-11-20-1"
    assert accepted(settings) == ["2026-11-20-1", "2026-11-23-1"]


def test_a_withdrawn_night_is_run_again_under_a_new_number(settings):
    rollback(settings, "2026-11-20-1")
    assert publish(settings, DAYS[1]).release_id == "2026-11-21-2"
    assert accepted(settings) == ["2026-11-20-1", "2026-11-21-2"]


def test_rolling_forward_takes_the_release_and_its_predecessors_into_use(settings):
    rollback(settings, "2026-11-20-1")
    rollback(settings, "2026-11-22-1")
    assert accepted(settings) == ["2026-11-20-1", "2026-11-21-1", "2026-11-22-1"]
    assert predecessor(settings, DAYS[3]).release_id == "2026-11-22-1"


def test_a_dangling_link_is_cured_by_a_rollback(settings):
    current_link(settings).unlink()
    current_link(settings).symlink_to("2026-11-30-1")
    rollback(settings, "2026-11-22-1")
    assert current_release(settings).release_id == "2026-11-22-1"


def test_an_unknown_release_is_refused_with_a_suggestion(settings):
    with pytest.raises(UsageError, match="no release '2026-11-20-2'.*did you mean"):
        rollback(settings, "2026-11-20-2")
    assert len(read_log(settings)) == 3


def test_a_damaged_release_is_refused(settings):
    file = settings.home / "releases" / "2026-11-20-1" / "customer_segments.parquet"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"X")
    with pytest.raises(SegmentsError, match="damaged and was not made current"):
        rollback(settings, "2026-11-20-1")
    assert current_release(settings).release_id == "2026-11-22-1"
    assert len(read_log(settings)) == 3


def test_no_rollback_while_a_night_is_running(settings):
    with (
        night_lock(settings, DAYS[3]),
        pytest.raises(AnotherRunInProgress, match="2026-11-23"),
    ):
        rollback(settings, "2026-11-20-1")
    assert current_release(settings).release_id == "2026-11-22-1"


def test_a_release_that_was_never_published_may_be_taken_into_use(settings):
    build(settings, "2026-11-23-1", extra={"predecessor": "2026-11-22-1"})
    rollback(settings, "2026-11-23-1")
    assert accepted(settings)[-1] == "2026-11-23-1"
