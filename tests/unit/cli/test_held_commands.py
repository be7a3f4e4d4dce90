import json

from cli_world import HELD, NEXT_NIGHT, NIGHT, World

from dagster_project.gates.waivers import load_waivers

DAY = str(NEXT_NIGHT)
CHECK = "raw.invoice_lines.amounts_in_range"


def test_inspect_says_why_a_night_was_held_and_what_it_would_have_changed(
    world,
) -> None:
    world.publish()
    world.hold()
    answer = world.segments("inspect", DAY)
    assert answer.code == 0
    stopped, _, warnings = answer.out.partition("Warnings")
    assert CHECK in stopped
    assert "3 rows; expected below 1,000" in stopped
    assert "for example invoice_line_id=l1" in stopped
    assert "calm_night" in warnings
    assert "unique" not in answer.out
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["customers", "2", "3", "-1"] in lines
    assert ["mrr", "900,030.00", "930.00", "899,100.00"] in lines
    assert ["tiers", "large", "2", "1", "1"] in lines
    assert ["tiers", "small", "0", "1", "-1"] in lines


def test_inspect_without_an_earlier_release_compares_with_nothing(world: World) -> None:
    world.hold()
    found = json.loads(world.segments("inspect", DAY, "--json").out)
    assert found["current"] is None
    assert found["base"][0] == {
        "measure": "customers",
        "held": 2,
        "current": None,
        "change": None,
    }
    assert found["failed_checks"][0]["check"] == CHECK


def test_a_night_stopped_before_the_features_says_so(world: World) -> None:
    world.publish()
    world.hold(sql=HELD.partition("create table features.customer_features")[0])
    out = world.segments("inspect", DAY).out
    assert "stopped before the features of customers were computed" in out
    assert CHECK in out


def test_a_night_without_check_results_gives_the_reasons_of_the_log(world) -> None:
    world.hold(sql="create schema night")
    assert "amounts_in_range: 3 rows" in world.segments("inspect", DAY).out
    answer = world.segments(
        "accept", DAY, "--check", "x", "--reason", "y", "--until", DAY
    )
    assert answer.code == 2
    assert "nobody can accept" in answer.err


def test_a_night_that_was_not_held_is_told_apart(world: World) -> None:
    world.publish(NIGHT)
    answer = world.segments("inspect", str(NIGHT))
    assert answer.code == 2
    assert f"was not held: the last try at it was published ({NIGHT}-1)" in answer.err
    answer = world.segments("inspect", "2026-01-01")
    assert "no night of 2026-01-01 was ever run" in answer.err
    world.log(NEXT_NIGHT, "held", f"{NEXT_NIGHT}-1", "too few rows")
    answer = world.segments("inspect", DAY)
    assert answer.code == 2
    assert "no longer kept; the reasons were: too few rows" in answer.err


def test_the_newest_try_at_a_night_is_inspected(world: World) -> None:
    first = world.hold()
    tenth = first.with_name(f"{NEXT_NIGHT}-10.duckdb")
    tenth.write_bytes(first.read_bytes())
    second = first.with_name(f"{NEXT_NIGHT}-2.duckdb")
    second.write_bytes(first.read_bytes())
    found = json.loads(world.segments("inspect", DAY, "--json").out)
    assert found["held"] == f"{NEXT_NIGHT}-10"


def test_a_failed_check_is_accepted_until_a_date(world: World) -> None:
    world.hold()
    answer = world.segments(
        "accept",
        DAY,
        "--check",
        CHECK,
        "--reason",
        "a big sale",
        "--until",
        "2026-03-12",
    )
    assert answer.code == 0
    assert f"segments run --as-of {DAY}" in answer.out
    (waiver,) = load_waivers(world.settings)
    assert (waiver.check, waiver.reason) == (CHECK, "a big sale")
    assert "accepted by" in world.segments("inspect", DAY).out


def test_only_a_check_that_failed_can_be_accepted_and_only_with_a_reason(world) -> None:
    world.hold()
    until = ("--until", "2026-03-12")
    given = world.segments("accept", DAY, "--check", "unique", "--reason", "x", *until)
    assert given.code == 2
    assert "no check 'unique'" in given.err
    given = world.segments(
        "accept", DAY, "--check", "amount_in_range", "--reason", "x", *until
    )
    assert "did you mean amounts_in_range?" in given.err
    given = world.segments("accept", DAY, "--check", CHECK, "--reason", " ", *until)
    assert "say why" in given.err
    given = world.segments("accept", DAY, "--check", CHECK, "--reason", "x")
    assert given.code == 2
    assert "--until" in given.err
    assert load_waivers(world.settings) == []
