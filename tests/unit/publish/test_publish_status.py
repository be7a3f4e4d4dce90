from datetime import date
from pathlib import Path

import pytest
from publish_world import entry, settings_of

from dagster_project.errors import SegmentsError
from dagster_project.publish.durable import readable_errors, write_atomically
from dagster_project.publish.status import (
    append_log,
    read_current_status,
    read_log,
    status_folder,
)
from dagster_project.settings import Settings

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
HELD = entry(SATURDAY, "2026-11-21-1", "held", reasons=("revenue x 3",), seconds=41.5)
PUBLISHED = entry(FRIDAY, "2026-11-20-1", "published", run_id="r1", content_hash="ab")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "home")


def log_file(settings: Settings) -> Path:
    return status_folder(settings) / "publish_log.jsonl"


def test_before_the_first_night_log_and_status_are_empty(settings):
    assert read_log(settings) == []
    assert read_current_status(settings) is None


def test_entries_are_read_back_as_written_and_in_order(settings):
    append_log(settings, PUBLISHED)
    append_log(settings, HELD)
    assert read_log(settings) == [PUBLISHED, HELD]
    assert len(log_file(settings).read_text().splitlines()) == 2


def test_a_torn_last_line_is_skipped_and_does_not_spoil_the_next(settings, caplog):
    append_log(settings, PUBLISHED)
    with log_file(settings).open("a") as file:
        file.write('{"at":"2026-11-21T02:30:00Z","as_of":"2026-1')
    assert read_log(settings) == [PUBLISHED]
    assert "line 2: not a whole entry" in caplog.text
    append_log(settings, HELD)
    assert read_log(settings) == [PUBLISHED, HELD]


@pytest.mark.parametrize("torn", [b"\xff\xfe\n", b"[]\n", b"\n", b'{"at": 1}\n'])
def test_a_line_that_is_no_entry_is_skipped(settings, torn):
    append_log(settings, PUBLISHED)
    with log_file(settings).open("ab") as file:
        file.write(torn)
    assert read_log(settings) == [PUBLISHED]


def test_a_reason_of_several_lines_stays_one_entry(settings):
    append_log(settings, HELD.model_copy(update={"reasons": ("a\nb", "naïve")}))
    assert read_log(settings)[0].reasons == ("a\nb", "naïve")


def test_a_file_in_the_way_of_the_status_folder_is_named(settings):
    settings.home.mkdir()
    status_folder(settings).write_text("in the way")
    with pytest.raises(SegmentsError, match="writing the publish log: .*status"):
        append_log(settings, HELD)


def test_a_status_without_permission_is_named(settings, unprivileged):
    append_log(settings, PUBLISHED)
    status_folder(settings).chmod(0o500)
    with unprivileged(), pytest.raises(SegmentsError, match="Permission denied"):
        append_log(settings, HELD)
    assert read_log(settings) == [PUBLISHED]


def test_a_small_file_is_replaced_whole(tmp_path: Path):
    path = tmp_path / "status.json"
    write_atomically(path, "old")
    with path.open() as opened:
        write_atomically(path, "new")
        assert opened.read() == "old"
    assert path.read_text() == "new"
    assert [item.name for item in tmp_path.iterdir()] == ["status.json"]


def test_a_full_disk_says_what_to_do():
    with (
        pytest.raises(SegmentsError, match="^saving: No space left.*free some disk"),
        readable_errors("saving"),
        Path("/dev/full").open("w") as full,
    ):
        full.write("x")
