import json
import os
from datetime import date

from cli_world import NEXT_NIGHT, NIGHT, World

from dagster_project.gates.waivers import accept_check
from dagster_project.night_log import NightLog
from dagster_project.publish.lock import night_lock


def test_a_new_home_is_a_status_not_an_error(world: World) -> None:
    answer = world.segments("status")
    assert answer.code == 0
    assert "No release yet" in answer.out
    assert f"SEGMENTS_HOME                {world.home}" in answer.out
    assert not world.home.exists()


def test_status_shows_release_gates_feeds_and_the_last_nights(world: World) -> None:
    world.publish()
    world.hold()
    out = world.segments("status").out
    assert f"Current release  {NIGHT}-1, " in out
    assert "nights behind" in out
    assert "8 of 9 checks passed" in out
    assert f"{NEXT_NIGHT}  held" in out
    assert "amounts_in_range: 3 rows" in out
    assert f"segments inspect {NEXT_NIGHT}" in out
    assert "invoice_lines      3  2026-03-10" in out
    assert "tickets" not in out


def test_the_last_nights_come_first_and_only_as_many_as_asked_for(world) -> None:
    world.publish(NIGHT)
    world.log(NEXT_NIGHT, "failed", f"{NEXT_NIGHT}-1", "disk full", "more")
    found = json.loads(world.segments("status", "--nights", "1", "--json").out)
    (night,) = found["nights"]
    assert (night["decision"], night["reasons"]) == ("failed", ["disk full", "more"])
    assert found["current"]["release_id"] == f"{NIGHT}-1"
    assert found["current"]["feeds"][0]["feed"] == "invoice_lines"
    assert "failed: disk full (and 1 more)" in world.segments("status").out


def test_secrets_are_never_shown(world: World, monkeypatch) -> None:
    monkeypatch.setenv("SEGMENTS_PEPPER", "hunter2")
    monkeypatch.setenv("SEGMENTS_POSTGRES_DSN", "postgres://me:hunter2@db")
    for options in ((), ("--json",)):
        answer = world.segments("status", *options)
        assert answer.code == 0
        assert "hunter2" not in answer.out + answer.err
    assert "SEGMENTS_POSTGRES_DSN        set" in world.segments("status").out


def test_who_holds_the_lock_is_named(world: World) -> None:
    with night_lock(world.settings, NIGHT):
        out = world.segments("status").out
    assert f"Running now: process {os.getpid()} ({NIGHT})" in out
    assert "Running now" not in world.segments("status").out


def test_a_current_release_that_is_gone_is_said_and_the_rest_is_shown(world) -> None:
    release = world.publish()
    release.folder.rename(release.folder.with_name("elsewhere"))
    answer = world.segments("status")
    assert answer.code == 0
    assert "which is not there" in answer.out
    assert "Last nights" in answer.out


def test_an_accepted_failure_is_shown_until_its_last_night(world: World) -> None:
    accept_check(world.settings, "a.b.c", NIGHT, date(2999, 1, 1), "known")
    accept_check(world.settings, "a.b.d", NIGHT, NIGHT, "over")
    out = world.segments("status").out
    assert "a.b.c" in out
    assert "a.b.d" not in out


def test_a_wrong_setting_names_its_variable(world: World, monkeypatch) -> None:
    monkeypatch.setenv("SEGMENTS_TIMEZONE", "Europe/Londn")
    answer = world.segments("status")
    assert answer.code == 2
    assert answer.err.startswith("SEGMENTS_TIMEZONE: unknown time zone")


def test_the_log_of_the_last_night_is_named(world: World) -> None:
    assert "last_log" in json.loads(world.segments("status", "--json").out)
    assert ".log" not in world.segments("status").out
    log = NightLog(world.settings, NIGHT, "0f8fad5b-d9cb")
    log.close()
    assert f"{log.path} tells the last one" in world.segments("status").out
