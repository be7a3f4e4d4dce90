"""BG/NBD and gamma-gamma against the published fits to the 1/10 sample of CDNOW.

The counts come from the SQL of `customer_purchases`, the fits from the functions that
the night calls.
"""

import csv
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.features import clv
from tests.unit.features import purchase_world as world

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CDNOW = SHARED / "cdnow_sample"
LIFETIMES = SHARED / "lifetimes_mit"

pytestmark = pytest.mark.skipif(
    not CDNOW.is_dir(), reason="the CDNOW sample (../shared/data) is not here"
)

# Nine purchases cost nothing: CDNOW counts them as purchases, our features do not.
LINES = """
insert into int_customers__invoice_lines
select customer_id, date, null, greatest(amount, 0.01)
from read_csv('{path}', types = {{'customer_id': 'varchar'}})
"""


def _statistics(lines: str, as_of: date) -> duckdb.DuckDBPyConnection:
    connection = world.empty_world(as_of)
    connection.execute(lines)
    world.build(connection, "customer_purchases")
    return connection


@pytest.fixture(scope="module")
def cdnow() -> duckdb.DuckDBPyConnection:
    """The customers at the end of the calibration period."""
    path = CDNOW / "cdnow_transactions_sample_1of10.csv"
    return _statistics(LINES.format(path=path), date(1997, 9, 30))


@pytest.fixture(scope="module")
def purchases(cdnow):
    return cdnow.execute("""
        select
            repeat_purchases,
            first_to_last_days / 7.0 as t_x,
            observed_days / 7.0 as t
        from customer_purchases order by customer_id
    """).fetchnumpy()


@pytest.fixture(scope="module")
def fitted(purchases) -> clv.BgNbd:
    return clv.fit_bg_nbd(
        purchases["repeat_purchases"], purchases["t_x"], purchases["t"]
    )


@pytest.fixture(scope="module")
def published():
    return json.loads((CDNOW / "reference.json").read_text(encoding="utf-8"))


def test_the_purchases_are_those_of_the_paper(purchases, published):
    assert len(purchases["t"]) == published["customers"]
    assert (purchases["repeat_purchases"] > 0).sum() == published["gamma_gamma"]["n"]


def test_bg_nbd_has_the_published_parameters_and_likelihood(fitted, published):
    wanted = published["bg_nbd"]
    assert fitted[:4] == pytest.approx(
        [wanted[name] for name in ("r", "alpha", "a", "b")], abs=0.0006
    )
    assert fitted.log_likelihood == pytest.approx(wanted["log_likelihood"], abs=0.05)


def test_customer_1_has_the_published_probability_and_expectation(fitted, published):
    wanted, past = published["customer_1"], (2, 30.43, 38.86)
    assert clv.p_alive(fitted, *past) == pytest.approx(wanted["p_alive"], abs=1e-4)
    expected = clv.expected_purchases(fitted, 39, *past)
    assert expected == pytest.approx(wanted["expected_39_weeks"], abs=1e-3)


def test_all_customers_together_are_expected_to_buy_as_published(
    fitted, purchases, published
):
    ahead = clv.expected_purchases(fitted, 39, *purchases.values())
    assert ahead.sum() == pytest.approx(published["sum_expected_39_weeks"], abs=1)


def test_gamma_gamma_has_the_published_parameters(published):
    found = duckdb.sql(f"""
        with days as (
            select customer_id, date, sum(amount) as amount
            from read_csv('{CDNOW / "cdnow_transactions_sample_1of10.csv"}')
            where date <= date '1997-09-30'
            group by all
        ),
        repeated as (
            from days
            qualify row_number() over (partition by customer_id order by date) > 1
        )
        select count(*) as n, avg(amount) as mean
        from repeated group by customer_id having mean > 0 order by customer_id
    """).fetchnumpy()
    wanted = published["gamma_gamma"]
    assert len(found["n"]) == wanted["n"]
    fit = clv.fit_gamma_gamma(found["n"], found["mean"])
    assert fit[:2] == pytest.approx([wanted["p"], wanted["q"]], abs=0.006)
    assert fit.gamma == pytest.approx(wanted["gamma"], abs=0.006)


def test_frequency_recency_and_age_are_those_of_lifetimes():
    path = LIFETIMES / "example_transactions.csv"
    connection = _statistics(
        "insert into int_customers__invoice_lines select id, date, null, 1 "
        f"from read_csv('{path}')",
        date(2014, 12, 31),
    )
    ours = connection.execute(
        "select customer_id, repeat_purchases, first_to_last_days, observed_days "
        "from customer_purchases"
    ).fetchall()
    name = "expected_summary_example_transactions_2014-12-31.csv"
    with (LIFETIMES / name).open(encoding="utf-8", newline="") as file:
        theirs = {
            tuple([row["id"], *(float(row[c]) for c in ("frequency", "recency", "T"))])
            for row in csv.DictReader(file)
        }
    assert len(theirs) == 5000
    assert {tuple(row) for row in ours} == theirs
