"""RFM scores by the SQL of the night against the results of the R package rfm.

Its bins are the type 7 quantiles plus 1, `lower <= value < upper`; ours go up to the
quantile rounded up. For whole numbers, which all of its values are, that is the same.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pytest

from dagster_project.features.plain_data import (
    build_models,
    load_seeds,
    plain_night,
)
from dagster_project.features.rfm import rfm

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "rfm_r_package"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the data of the R package (../shared/data) is not here"
)

AS_OF = date(2006, 12, 31)
#: The segments of the package's documentation: recency, frequency, monetary limits.
SEGMENTS = {
    "Champions": (4, 5, 4, 5, 4, 5),
    "Loyal Customers": (2, 5, 3, 5, 3, 5),
    "Potential Loyalist": (3, 5, 1, 3, 1, 3),
    "New Customers": (4, 5, 1, 1, 1, 1),
    "Promising": (3, 4, 1, 1, 1, 1),
    "Need Attention": (2, 3, 2, 3, 2, 3),
    "About To Sleep": (2, 3, 1, 2, 1, 2),
    "At Risk": (1, 2, 2, 5, 2, 5),
    "Can't Lose Them": (1, 1, 4, 5, 4, 5),
    "Lost": (1, 2, 1, 2, 1, 2),
}
CUTS = ("q20", "q40", "q60", "q80")
LIMITS = ("r_min", "r_max", "f_min", "f_max", "m_min", "m_max")


def _csv(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def orders() -> pa.Table:
    return arrow_csv.read_csv(DATA / "rfm_orders.csv")


@pytest.fixture(scope="module")
def scores(orders) -> dict[str, dict[str, Any]]:
    return {row["customer_id"]: row for row in rfm(orders, AS_OF).to_pylist()}


def test_every_value_and_score_is_that_of_the_package(scores):
    expected = _csv("expected_rfm_orders.csv")
    assert len(expected) == len(scores) == 995
    for theirs in expected:
        ours = scores[theirs["customer_id"]]
        assert [str(v) for v in list(ours.values())[1:7]] == [
            theirs["recency_days"],
            theirs["transaction_count"],
            f"{theirs['amount']}.00",
            theirs["recency_score"],
            theirs["frequency_score"],
            theirs["monetary_score"],
        ]


def test_champions_are_those_of_the_package(scores):
    champions = [row for row in scores.values() if row["rfm_class"] == "champions"]
    assert len(champions) == 158
    assert sum(row["frequency"] for row in champions) == 1234
    assert sum(row["monetary"] for row in champions) == 120178


def test_their_segments_give_their_summary(orders):
    limits = {
        limit: [values[place] for values in SEGMENTS.values()]
        for place, limit in enumerate(LIMITS)
    }
    names = {"priority": list(range(10)), "rfm_class": list(SEGMENTS)}
    classes = pa.table(names | limits)
    found: dict[str, list[Any]] = {}
    for row in rfm(orders, AS_OF, classes=classes).to_pylist():
        total = found.setdefault(row["rfm_class"] or "Others", [0, 0, Decimal(0)])
        total[0] += 1
        total[1] += row["frequency"]
        total[2] += row["monetary"]
    assert found == {
        row["segment"]: [int(row["customers"]), int(row["orders"]), int(row["revenue"])]
        for row in _csv("expected_segment_summary.csv")
    }


@contextmanager
def _values_of(expected: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    with plain_night(AS_OF, expected=expected) as connection:
        connection.execute(
            "create table order_features as select customer_id::varchar as "
            "customer_id, as_of_date, recency_days, transaction_count as "
            "orders_total, amount::decimal(18, 2) as monetary from expected, control"
        )
        connection.execute(
            "create table rfm_cut_points (metric varchar, q20 double, q40 double, "
            "q60 double, q80 double, fitted_on date, fitted_customers bigint)"
        )
        load_seeds(connection, "thresholds", "rfm_classes")
        yield connection


def test_the_larger_base_of_the_package_is_scored_as_there():
    """39,999 customers, of whom only the values are known."""
    expected = arrow_csv.read_csv(DATA / "expected_rfm_customers.csv")
    assert expected.num_rows == 39999
    with _values_of(expected) as connection:
        build_models(connection, "rfm_cuts", "rfm_scores")
        alike = connection.execute(
            "select count(*) from rfm_scores inner join expected "
            "on rfm_scores.customer_id = expected.customer_id::varchar "
            "where r_score = recency_score and f_score = frequency_score "
            "and m_score = monetary_score"
        ).fetchone()
    assert alike == (39999,)


def test_a_base_that_grew_is_scored_by_the_cut_points_of_then(orders, scores):
    kept = pa.table(
        {
            "metric": ["recency_days", "orders_total", "monetary"],
            "q20": [114.0, 4.0, 255.0],
            "q40": [181.0, 5.0, 381.0],
            "q60": [297.0, 6.0, 506.0],
            "q80": [481.0, 8.0, 665.0],
        }
    )
    few = orders.filter(pc.greater(orders["revenue"], 90))
    own = rfm(few, AS_OF).to_pylist()
    frozen = rfm(few, AS_OF, cut_points=kept).to_pylist()
    assert {row["m_score"] for row in own} == {1, 2, 3, 4, 5}
    assert [row["m_score"] for row in frozen] == [
        1 + sum(float(row["monetary"]) > kept[cut][2].as_py() for cut in CUTS)
        for row in frozen
    ]
