import json

import pytest
from cli_world import World


@pytest.mark.parametrize("given", ["acme", "u1", "007"])
def test_a_customer_is_found_by_any_of_its_ids(world: World, given: str) -> None:
    world.publish()
    answer = world.segments("explain", given)
    assert answer.code == 0
    assert answer.out.startswith("Customer acme in release 2026-03-10-1")
    assert "Value tiers: large" in answer.out
    assert "at least 12,000 (it is 20,000)" in answer.out


def test_the_explanation_is_there_for_programs(world: World) -> None:
    world.publish()
    found = json.loads(world.segments("explain", "bolt", "--json").out)
    assert found["customer_id"] == "bolt"
    (one,) = found["explanations"]
    assert (one["model"], one["segment"]) == ("tiers", "small")


def test_an_id_of_several_customers_is_refused_with_their_names(world: World) -> None:
    world.publish()
    answer = world.segments("explain", "42")
    assert answer.code == 2
    assert "bolt (billing_customer_id), acme (user_id)" in answer.err


def test_an_unknown_id_is_answered_with_the_nearest(world: World) -> None:
    world.publish()
    answer = world.segments("explain", "acne")
    assert answer.code == 2
    assert "no customer 'acne'" in answer.err
    assert "acme" in answer.err


def test_an_id_that_belongs_to_nobody_is_said_so(world: World) -> None:
    world.publish()
    answer = world.segments("explain", "u9")
    assert (answer.code, answer.out) == (2, "")
    assert "belongs to no customer" in answer.err


def test_without_a_release_nobody_is_explained(world: World) -> None:
    answer = world.segments("explain", "acme")
    assert answer.code == 2
    assert "has no release yet" in answer.err
