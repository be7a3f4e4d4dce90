"""RFM by the SQL of the night on a few orders that one can hold in the head."""

from datetime import date, timedelta

import pyarrow as pa

from dagster_project.features.rfm import order_history, rfm

AS_OF = date(2026, 1, 31)


def orders(counts: dict[str, int]) -> pa.Table:
    """So many orders of 10 per customer, one a day up to the as-of date."""
    rows = [(c, n) for c, count in counts.items() for n in range(count)]
    return pa.table(
        {
            "customer_id": [customer for customer, _ in rows],
            "order_date": [AS_OF - timedelta(n) for _, n in rows],
            "revenue": [10] * len(rows),
        }
    )


def f_scores(counts: dict[str, int]) -> dict[str, int]:
    found = rfm(orders(counts), AS_OF).to_pylist()
    return {row["customer_id"]: row["f_score"] for row in found}


def test_where_more_than_a_fifth_have_the_most_orders_they_are_the_highest_fifth():
    """As when everybody is billed monthly: 13 orders, the others 12 or fewer."""
    counts = {f"all{n}": 13 for n in range(5)} | {f"year{n}": 12 for n in range(3)}
    scores = f_scores(counts | {"half": 6, "new": 1})
    assert {scores[f"all{n}"] for n in range(5)} == {5}
    assert {scores[f"year{n}"] for n in range(3)} == {4}
    assert (scores["half"], scores["new"]) == (3, 1)


def test_where_most_bought_once_they_are_the_lowest_fifth():
    scores = f_scores({f"once{n}": 1 for n in range(9)} | {"twice": 2, "often": 7})
    assert {scores[f"once{n}"] for n in range(9)} == {1}
    assert (scores["twice"], scores["often"]) == (5, 5)


def test_equal_customers_are_all_in_the_lowest_fifth():
    assert set(f_scores({"a": 1, "b": 1, "c": 1}).values()) == {1}


def test_the_order_of_rows_says_nothing():
    table = orders({"a": 3, "b": 7, "c": 1, "d": 2})
    backwards = table.take(list(range(table.num_rows))[::-1])
    assert rfm(table, AS_OF).equals(rfm(backwards, AS_OF))


def test_orders_after_the_date_are_not_known():
    early = AS_OF - timedelta(3)
    row = order_history(orders({"a": 10}), early).to_pylist()[0]
    assert (row["orders_total"], row["recency_days"]) == (7, 0)
