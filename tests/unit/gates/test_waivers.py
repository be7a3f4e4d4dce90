from datetime import date
from pathlib import Path

import pytest

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.gates.waivers import (
    accept_check,
    load_waivers,
    waivers_file,
    waivers_in_force,
)
from dagster_project.settings import load_settings

NIGHT = date(2026, 11, 21)
END = date(2026, 11, 25)


@pytest.fixture
def settings(tmp_path: Path):
    return load_settings(home=tmp_path / "home")


def test_a_waiver_holds_from_its_night_until_its_last_day(settings):
    given = accept_check(settings, "nps", NIGHT, END, "campaign", ["nps", "mrr"])
    assert given.owner
    assert load_waivers(settings) == [given]
    for as_of, number in [(20, 0), (21, 1), (25, 1), (26, 0)]:
        assert len(waivers_in_force(settings, date(2026, 11, as_of))) == number


def test_without_waivers_there_are_none(settings):
    assert load_waivers(settings) == []


def test_a_torn_line_waives_nothing_and_spoils_no_other(settings):
    first = accept_check(settings, "nps", NIGHT, END, "one")
    with waivers_file(settings).open("a") as file:
        file.write('{"check": "mrr", "as_o')
    second = accept_check(settings, "csat", NIGHT, END, "two")
    assert load_waivers(settings) == [first, second]


@pytest.mark.parametrize(
    ("check", "until", "reason", "message"),
    [
        ("nsp", END, "x", "no check 'nsp' ran on 2026-11-21, did you mean nps?"),
        ("nps", END, " ", "say why"),
        ("nps", date(2026, 11, 20), "x", "before the night"),
    ],
    ids=["unknown check", "no reason", "ended before"],
)
def test_a_wrong_waiver_is_refused(settings, check, until, reason, message):
    with pytest.raises(UsageError, match=message):
        accept_check(settings, check, NIGHT, until, reason, ["nps"])
    assert load_waivers(settings) == []


def test_a_home_that_cannot_be_written_is_one_readable_message(tmp_path: Path):
    (tmp_path / "home").write_text("a file, not a folder")
    settings = load_settings(home=tmp_path / "home")
    with pytest.raises(SegmentsError, match="the waiver was not kept"):
        accept_check(settings, "nps", NIGHT, END, "x")
