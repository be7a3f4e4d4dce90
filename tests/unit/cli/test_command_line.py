import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cli_world import World

from dagster_project.commands import screen


def test_an_unknown_command_or_option_is_wrong_usage(world: World) -> None:
    assert world.segments("runn").code == 2
    answer = world.segments("status", "--jsn")
    assert answer.code == 2
    assert "--json" in answer.err


@pytest.mark.parametrize("command", ["run", "status", "inspect", "accept", "explain"])
def test_every_command_explains_itself(world: World, command: str) -> None:
    answer = world.segments(command, "--help")
    assert answer.code == 0
    assert answer.out.startswith(f"Usage: segments {command}")


def test_an_unexpected_error_is_one_line_and_a_traceback_only_on_demand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = world.publish()
    monkeypatch.setenv("SEGMENTS_MEMORY_LIMIT", "a lot")
    answer = world.segments("releases", "verify", release.release_id)
    assert answer.code == 1
    *_, last = answer.err.splitlines()
    assert last.startswith("unexpected error: ")
    assert last.endswith("(--debug shows where)")
    assert "Traceback" not in answer.err
    answer = world.segments("releases", "verify", release.release_id, "--debug")
    assert "Traceback" in answer.err


def test_values_are_shown_as_people_read_them() -> None:
    moment = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
    shown = [1234567, Decimal("1234.50"), None, True, moment, "a\nb\x07"]
    assert [screen.visible(value) for value in shown] == [
        "1,234,567",
        "1,234.50",
        "-",
        "yes",
        "2026-03-10 02:30",
        "a b\\x07",
    ]


def test_numbers_stand_below_each_other_and_lines_have_no_loose_ends(capsys) -> None:
    screen.table(("feed", "rows"), [("web", 5), ("billing", 1200), ("none", None)])
    assert capsys.readouterr().out == (
        "feed      rows\nweb          5\nbilling  1,200\nnone         -\n"
    )


def test_money_stays_a_number_in_json(capsys) -> None:
    screen.as_json({"mrr": Decimal("841148.01"), "n": Decimal("2000.00")})
    assert json.loads(capsys.readouterr().out) == {"mrr": 841148.01, "n": 2000}
