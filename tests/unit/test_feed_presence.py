"""A feed is present when a file was about it, not when a file was read for it."""

from dataclasses import replace

import pytest

from dagster_project import control
from dagster_project.warehouse import connect
from tests.unit.test_control import FILE, WEB


@pytest.mark.parametrize(
    ("lines", "blank", "filtered", "is_present"),
    [
        (10, 0, 0, True),
        (0, 0, 0, True),
        (0, 0, 5, False),
        (2, 2, 5, False),
        (1, 0, 5, True),
    ],
    ids=["rows", "header_alone", "nothing_wanted", "and_blank_lines", "one_wanted"],
)
def test_a_file_in_which_nothing_was_wanted_says_nothing(
    lines: int, blank: int, filtered: int, is_present: bool
) -> None:
    file = replace(FILE, lines=lines, blank=blank, filtered=filtered)
    with connect() as connection:
        connection.execute("create schema night")
        control.write_files(connection, [file], [WEB], set())
        feeds = connection.execute("select feed from night.feeds where is_present")
        assert [feed for (feed,) in feeds.fetchall()] == ["web_events"] * is_present
        sources = connection.execute("select is_present from night.sources").fetchall()
    assert sources == [(is_present,)]
