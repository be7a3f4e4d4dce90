"""RFM scores of a whole night against the published results of the R package rfm.

Its bins are the type 7 quantiles plus 1, `lower <= value < upper`; ours are
`value <= quantile`. A value strictly between a quantile and the quantile plus 1 is
therefore one bin apart, every other value is in the same one.
"""

import csv
import json
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline import world

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "rfm_r_package"

pytestmark = [
    pytest.mark.night,
    pytest.mark.skipif(
        not DATA.is_dir(),
        reason="the data of the R package (../shared/data) is not here",
    ),
]

AS_OF = date(2006, 12, 31)
# value column, score column, name in reference.json, whether a low value is good
SCORES = (
    ("recency_days", "recency_score", "recency", True),
    ("transaction_count", "frequency_score", "frequency", False),
    ("amount", "monetary_score", "monetary", False),
)


def _csv(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> dict[str, dict[str, int]]:
    """The columns of the package, as the features of a night have them."""
    models = {"value": world.rules({"buyer": "orders_total > 0"}, "nobody")}
    settings = world.make_home(tmp_path_factory.mktemp("rfm"), models)
    orders = _csv("rfm_orders.csv")
    world.deliver_the_least(settings, AS_OF)
    world.deliver(
        settings,
        AS_OF,
        billing_customers=_customers(orders),
        invoice_lines=_lines(orders),
    )
    names = {
        "recency_days": "recency_days",
        "orders_total": "transaction_count",
        "monetary": "amount",
        "r_score": "recency_score",
        "f_score": "frequency_score",
        "m_score": "monetary_score",
    }
    found = world.read(
        world.run(settings, AS_OF),
        f"select id_value, {', '.join(names)} "
        "from customer_features inner join customer_identities using (customer_id) "
        "where id_type = 'billing_customer_id'",
    )
    return {
        key: dict(zip(names.values(), values, strict=True)) for key, *values in found
    }


def _customers(orders: list[dict[str, str]]) -> list[world.Row]:
    first: dict[str, str] = {}
    for order in sorted(orders, key=lambda one: one["order_date"]):
        first.setdefault(order["customer_id"], order["order_date"])
    return [
        {
            "billing_customer_id": name,
            "created_at": f"{day} 00:00:00",
            "updated_at": f"{day} 00:00:00",
        }
        for name, day in first.items()
    ]


def _lines(orders: list[dict[str, str]]) -> list[world.Row]:
    return [
        {
            "invoice_line_id": f"line {number}",
            "invoice_id": f"order {number}",
            "billing_customer_id": order["customer_id"],
            "invoiced_at": f"{order['order_date']} 12:00:00",
            "amount": order["revenue"],
            "currency": "EUR",
        }
        for number, order in zip(count(1), orders, strict=False)
    ]


@pytest.fixture(scope="module")
def theirs() -> dict[str, dict[str, int]]:
    rows = _csv("expected_rfm_orders.csv")
    return {
        row.pop("customer_id"): {name: int(value) for name, value in row.items()}
        for row in rows
    }


@pytest.fixture(scope="module")
def quantiles() -> dict[str, list[Decimal]]:
    """Their four bounds per value without the 1 that they add."""
    reference = json.loads((DATA / "reference.json").read_text(encoding="utf-8"))
    return {
        name: [Decimal(str(round(bound - 1, 6))) for bound in bounds]
        for name, bounds in reference["thresholds_orders_2006-12-31"].items()
    }


def test_recency_frequency_and_amount_are_those_of_the_package(ours, theirs):
    assert len(theirs) == 995
    values = [column for column, *_ in SCORES]
    assert {key: [row[v] for v in values] for key, row in ours.items()} == {
        key: [row[v] for v in values] for key, row in theirs.items()
    }


@pytest.mark.parametrize(("value", "score", "name", "low_is_good"), SCORES)
def test_scores_differ_exactly_where_the_bounds_do(
    ours, theirs, quantiles, value, score, name, low_is_good
):
    apart: dict[str, Any] = {
        key: theirs[key][score] - row[score]
        for key, row in ours.items()
        if theirs[key][score] != row[score]
    }
    between = {
        key
        for key, row in theirs.items()
        if any(bound < row[value] < bound + 1 for bound in quantiles[name])
    }
    assert set(apart) == between
    assert set(apart.values()) <= {1 if low_is_good else -1}


def test_some_scores_do_differ_so_that_the_comparison_means_something(
    theirs, quantiles
):
    bounds = quantiles["recency"]
    rows = theirs.values()
    assert sum(b < row["recency_days"] < b + 1 for row in rows for b in bounds) > 0
