import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from cli_world import NEXT_NIGHT, NIGHT, World

from dagster_project.commands.attempt import EXIT_CODES, attempt_since, show_attempt
from dagster_project.commands.run import nights_to_run
from dagster_project.publish.lock import night_lock
from dagster_project.publish.pointer import current_release
from dagster_project.publish.status import read_log
from dagster_project.run import yesterday
from dagster_project.settings import REPOSITORY

ALONE = ("run", "--without-dagster")


@pytest.mark.parametrize(
    ("option", "day", "reason"),
    [
        ("--as-of", "2999-01-01", "that day is not over in UTC"),
        ("--as-of", "1999-12-31", "nights begin in 2000"),
        ("--as-of", "yesterday", "'yesterday' is not a day, for example 2026-11-21"),
        ("--as-of", "2026-02-30", "'2026-02-30' is not a day"),
        ("--as-of", "20260310", "'20260310' is not a day"),
        ("--from", "2999-01-01", "--from 2999-01-01 is later than"),
        ("--from", "1999-12-31", "nights begin in 2000"),
    ],
)
def test_an_impossible_day_is_wrong_usage_and_starts_nothing(
    world: World, option: str, day: str, reason: str
) -> None:
    answer = world.segments(*ALONE, option, day)
    assert (answer.code, answer.out) == (2, "")
    assert reason in answer.err
    assert not world.home.exists()


def test_a_night_older_than_the_current_release_needs_from(world: World) -> None:
    world.publish(NEXT_NIGHT)
    answer = world.segments(*ALONE, "--as-of", str(NIGHT))
    assert answer.code == 2
    assert f"`segments run --from {NIGHT}`" in answer.err
    assert nights_to_run(world.settings, NEXT_NIGHT, NIGHT) == [NIGHT, NEXT_NIGHT]
    assert nights_to_run(world.settings, None, None) == [yesterday(world.settings)]


def test_a_missing_landing_folder_is_said_before_anything_is_written(world) -> None:
    answer = world.segments(*ALONE)
    assert answer.code == 2
    assert "no landing folder" in answer.err
    assert "`segments demo`" in answer.err
    assert not world.home.exists()


def test_a_broken_declaration_stops_the_night_before_it_begins(world: World) -> None:
    world.deliver("billing/a.csv", "")
    path = world.declare("segments/tiers.yml", "kind: rules")
    answer = world.segments(*ALONE)
    assert answer.code == 2
    assert f"{path}: title: Field required" in answer.err
    assert read_log(world.settings) == []


def test_a_run_in_progress_is_named_by_its_process(world: World) -> None:
    world.deliver("billing/a.csv", "")
    with night_lock(world.settings, NIGHT):
        answer = world.segments(*ALONE, "--wait", "0")
        assert answer.code == 1
        assert f"process {os.getpid()} ({NIGHT})" in answer.err
        answer = world.segments(*ALONE, "--wait", "0.3")
        assert answer.code == 1
        assert answer.err.startswith("waiting")
    assert read_log(world.settings) == []


def test_a_home_that_cannot_be_written_is_one_readable_line(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("SEGMENTS_HOME", str(file / "home"))
    monkeypatch.setenv("SEGMENTS_LANDING", str(tmp_path))
    answer = world.segments(*ALONE)
    assert answer.code == 1
    assert "taking the lock of this home: Not a directory" in answer.err
    assert answer.err.count("\n") == 1


def test_a_home_without_permission_is_one_readable_line(
    open_folder: Path, monkeypatch, capsys, unprivileged
) -> None:
    world = World(open_folder, monkeypatch, capsys)
    world.deliver("billing/a.csv", "")
    status = world.home / "status"
    status.mkdir()
    status.chmod(0o555)
    with unprivileged():
        answer = world.segments(*ALONE)
    assert answer.code == 1
    assert "taking the lock of this home: Permission denied" in answer.err
    assert "give this user the right to write there, or set SEGMENTS_HOME" in answer.err
    assert answer.err.count("\n") == 1


def test_a_night_that_fails_exits_with_1_and_leaves_the_current_release(world) -> None:
    release = world.publish()
    world.deliver("billing/a.csv", "invoice_line_id\n")
    ledger = world.home / "raw" / "ledger.sqlite"
    ledger.parent.mkdir()
    ledger.write_text("this is no database, however long it may be" * 30)
    answer = world.segments(*ALONE)
    assert (answer.code, answer.out) == (1, "")
    assert "the ledger cannot be used" in answer.err
    assert "Traceback" not in answer.err
    assert read_log(world.settings)[-1].decision == "failed"
    assert current_release(world.settings) == release
    debugged = world.segments(*ALONE, "--debug")
    assert debugged.code == 1
    assert "Traceback" in debugged.err


def test_a_held_night_says_why_and_what_can_be_done(world: World, capsys) -> None:
    world.publish()
    world.hold()
    attempt = attempt_since(world.settings, NEXT_NIGHT, "held", 1)
    show_attempt(world.settings, attempt)
    out = capsys.readouterr().out
    assert f"{NIGHT}-1 stays current" in out
    assert "raw.invoice_lines amounts_in_range: 3 rows" in out
    assert f"segments inspect {NEXT_NIGHT}" in out
    assert EXIT_CODES[attempt.decision] == 3


def test_a_published_night_says_where_release_and_report_are(world, capsys) -> None:
    release = world.publish()
    attempt = attempt_since(world.settings, NIGHT, "published", 0)
    show_attempt(world.settings, attempt)
    out = capsys.readouterr().out
    assert f"Published {release.release_id}" in out
    assert f"release  {release.folder}\n" in out
    assert f"report   {release.report}\n" in out


def test_a_rebuilt_night_says_that_a_later_one_stays_current(world, capsys) -> None:
    world.publish(NEXT_NIGHT)
    world.publish(NIGHT)
    attempt = attempt_since(world.settings, NIGHT, "published", 1)
    show_attempt(world.settings, attempt)
    assert f"{NEXT_NIGHT}-1 stays current" in capsys.readouterr().out


def test_an_outcome_that_nobody_logged_counts_as_failed(world: World, capsys) -> None:
    attempt = attempt_since(world.settings, date(2026, 3, 9), "killed", 0)
    show_attempt(world.settings, attempt)
    assert attempt.decision == "failed"
    assert "The night of 2026-03-09 failed." in capsys.readouterr().out


def test_the_program_ends_with_the_exit_code_and_without_noise(world: World) -> None:
    world.publish()
    command = [sys.executable, "-m", "dagster_project.cli", "inspect", str(NIGHT)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
