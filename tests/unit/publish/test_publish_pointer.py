from datetime import date
from pathlib import Path

import pytest
from publish_world import build, entry, publish, settings_of

from dagster_project.errors import SegmentsError
from dagster_project.publish.pointer import (
    accepted_releases,
    current_link,
    current_release,
    make_current,
    next_release_id,
    predecessor,
    record,
)
from dagster_project.publish.retention import clean_leftovers
from dagster_project.publish.status import read_current_status, read_log
from dagster_project.settings import Settings

FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, day) for day in (20, 21, 22))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "home")


def current_id(settings: Settings) -> str | None:
    current = current_release(settings)
    return current.release_id if current else None


def test_before_the_first_night_there_is_no_release(settings):
    assert current_release(settings) is None
    assert predecessor(settings, FRIDAY) is None
    assert next_release_id(settings, FRIDAY) == "2026-11-20-1"
    assert accepted_releases(settings) == []


def test_current_is_a_relative_link_to_the_newest_release(settings):
    publish(settings, FRIDAY)
    publish(settings, SATURDAY)
    assert current_link(settings).readlink() == Path("2026-11-21-1")
    assert current_id(settings) == "2026-11-21-1"
    assert (current_link(settings) / "segments.duckdb").is_file()


def test_a_reader_of_the_old_release_keeps_it_during_the_swap(settings):
    first = publish(settings, FRIDAY)
    with (current_link(settings) / "manifest.json").open() as opened:
        publish(settings, SATURDAY)
        assert opened.read() == (first.folder / "manifest.json").read_text()


def test_a_night_older_than_current_never_moves_it(settings):
    publish(settings, SATURDAY)
    older = build(settings, "2026-11-20-1")
    assert not make_current(settings, older)
    assert current_id(settings) == "2026-11-21-1"


def test_a_later_try_of_the_same_night_becomes_current(settings):
    publish(settings, SATURDAY)
    assert publish(settings, SATURDAY).release_id == "2026-11-21-2"
    assert current_id(settings) == "2026-11-21-2"


def test_the_tenth_try_of_a_night_comes_after_the_ninth(settings):
    for number in (9, 10):
        make_current(settings, build(settings, f"2026-11-21-{number}"))
    assert current_id(settings) == "2026-11-21-10"
    assert next_release_id(settings, SATURDAY) == "2026-11-21-11"


def test_the_predecessor_is_the_newest_accepted_release_of_an_earlier_night(settings):
    publish(settings, FRIDAY)
    publish(settings, FRIDAY)
    publish(settings, SATURDAY)
    assert predecessor(settings, SATURDAY).release_id == "2026-11-20-2"
    assert predecessor(settings, SUNDAY).release_id == "2026-11-21-1"
    assert predecessor(settings, FRIDAY) is None


def test_a_release_that_was_built_but_not_published_is_no_predecessor(settings):
    publish(settings, FRIDAY)
    build(settings, "2026-11-21-1")
    assert predecessor(settings, SUNDAY).release_id == "2026-11-20-1"
    assert next_release_id(settings, SATURDAY) == "2026-11-21-2"


def test_the_number_of_a_held_try_is_not_used_again(settings):
    record(settings, entry(SATURDAY, "2026-11-21-3", "held", reasons=("nps drift",)))
    assert next_release_id(settings, SATURDAY) == "2026-11-21-4"
    assert next_release_id(settings, SUNDAY) == "2026-11-22-1"
    assert predecessor(settings, SUNDAY) is None


def test_a_run_killed_after_the_swap_has_published(settings):
    publish(settings, FRIDAY)
    make_current(settings, build(settings, "2026-11-21-1"))
    assert predecessor(settings, SUNDAY).release_id == "2026-11-21-1"
    clean_leftovers(settings)
    last = read_log(settings)[-1]
    assert (last.release_id, last.decision) == ("2026-11-21-1", "published")
    clean_leftovers(settings)
    assert len(read_log(settings)) == 2


def test_the_status_names_the_current_release_and_the_last_attempt(settings):
    publish(settings, FRIDAY)
    record(settings, entry(SATURDAY, "2026-11-21-1", "held", reasons=("nps drift",)))
    status = read_current_status(settings)
    assert status.current_release == "2026-11-20-1"
    assert status.current_as_of == FRIDAY
    assert status.last.decision == "held"
    assert status.last.reasons == ("nps drift",)


def test_a_link_that_leads_nowhere_is_named(settings):
    publish(settings, FRIDAY)
    current_link(settings).unlink()
    current_link(settings).symlink_to("2026-11-19-1")
    with pytest.raises(
        SegmentsError, match="leads to 2026-11-19-1, which is not there"
    ):
        current_release(settings)
    assert predecessor(settings, SATURDAY).release_id == "2026-11-20-1"


def test_a_stray_folder_is_no_release(settings):
    publish(settings, FRIDAY)
    (settings.home / "releases" / "2026-11-21-backup").mkdir()
    (settings.home / "releases" / "notes-1").mkdir()
    assert [r.release_id for r in accepted_releases(settings)] == ["2026-11-20-1"]


def test_releases_without_permission_give_a_readable_error(settings, unprivileged):
    publish(settings, FRIDAY)
    (settings.home / "releases").chmod(0o000)
    with unprivileged(), pytest.raises(SegmentsError, match="Permission denied"):
        predecessor(settings, SATURDAY)
    (settings.home / "releases").chmod(0o755)
