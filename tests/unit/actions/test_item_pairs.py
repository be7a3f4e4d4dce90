"""Association rules against a count of every possible set."""

from itertools import combinations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.actions.item_pairs import item_pairs

BASKETS = st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1)


def table(baskets: list[set[str]]) -> pa.Table:
    rows = [(str(n), item) for n, basket in enumerate(baskets) for item in basket]
    columns = list(zip(*rows, strict=True))
    return pa.table({"transaction_id": columns[0], "item": columns[1]})


def counted(baskets: list[set[str]], least: float, sure: float) -> dict:
    def holders(items: frozenset[str]) -> int:
        return sum(items <= basket for basket in baskets)

    found = {}
    for size in range(2, 7):
        for items in map(frozenset, combinations("abcdef", size)):
            if not holders(items) or holders(items) / len(baskets) < least:
                continue
            for item in items:
                rest = items - {item}
                if holders(items) / holders(rest) >= sure:
                    found[rest, item] = (holders(items), holders(rest))
    return found


@settings(max_examples=12, deadline=None)
@given(BASKETS, st.sampled_from([0.07, 0.2, 0.5]), st.sampled_from([0.1, 0.6, 1.0]))
def test_rules_are_those_found_by_counting_every_set(baskets, least, sure):
    found = item_pairs(table(baskets), least, sure).to_pylist()
    assert {
        (frozenset(rule["antecedent"]), rule["consequent"]): (
            rule["together"],
            rule["antecedent_baskets"],
        )
        for rule in found
    } == counted(baskets, least, sure)


def test_an_item_counts_once_per_basket_and_the_order_of_rows_says_nothing():
    rows = [("1", "tea"), ("1", "milk"), ("1", "tea"), ("2", "tea"), ("3", "jam")]
    answers = [
        item_pairs(
            pa.table({"transaction_id": [r[0] for r in o], "item": [r[1] for r in o]}),
            0.3,
            0.5,
        )
        for o in (rows, rows[::-1])
    ]
    assert answers[0].equals(answers[1])
    assert [
        (r["antecedent"], r["confidence"], r["lift"]) for r in answers[0].to_pylist()
    ] == [(["milk"], 1.0, 1.5), (["tea"], 0.5, 1.5)]
