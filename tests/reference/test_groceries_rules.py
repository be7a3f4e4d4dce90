"""Association rules of 9,835 baskets against those of the R package arules."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.actions.item_pairs import item_pairs

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "groceries_arules"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the baskets of arules (../shared/data) are not here"
)


@pytest.mark.parametrize(
    ("support", "confidence", "count"),
    [(0.001, 0.8, 410), (0.01, 0.5, 15), (0.006, 0.25, 463)],
    ids=["410 rules", "15 rules", "463 rules"],
)
def test_rules_and_their_numbers_are_those_of_arules(support, confidence, count):
    baskets = duckdb.sql(f"from read_csv('{DATA}/groceries_long.csv')")
    found = {
        (frozenset(rule["antecedent"]), rule["consequent"]): rule
        for rule in item_pairs(
            baskets.to_arrow_table(), support, confidence
        ).to_pylist()
    }
    # Theirs has one rule without an antecedent at the lowest confidence.
    expected = duckdb.sql(
        f"""select lhs, rhs, support, confidence, lift
        from read_csv('{DATA}/expected_rules_supp{support}_conf{confidence}.csv')
        where lhs is not null"""
    ).fetchall()
    assert len(expected) == len(found) == count
    for lhs, rhs, *numbers in expected:
        rule = found[frozenset(lhs.split(" + ")), rhs]
        ours = [rule["support"], rule["confidence"], rule["lift"]]
        assert ours == pytest.approx(numbers, abs=6e-7)


def test_the_whole_basket_counts_where_pairs_are_asked_for():
    baskets = duckdb.sql(f"from read_csv('{DATA}/groceries_long.csv')")
    pairs = item_pairs(baskets.to_arrow_table(), 0.006, 0.25, max_items=2).to_pylist()
    assert {len(rule["antecedent"]) for rule in pairs} == {1}
    assert {rule["baskets"] for rule in pairs} == {9835}
