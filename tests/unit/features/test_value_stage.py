"""The stage of value on drawn customers: fits, fallbacks and the SQL after them."""

from datetime import date, timedelta

import numpy as np
import pytest

from dagster_project.features import clv
from dagster_project.features.value_scores import fit_value
from tests.unit.features import purchase_people as people
from tests.unit.features import purchase_world as world

DAYS = 540
AS_OF = people.after(DAYS)
MODELS = ["bg_nbd", "gamma_gamma", "shifted_beta_geometric"]


def _night(as_of: date = AS_OF, shoppers: int = 4000, subscribers: int = 1500):
    connection = world.empty_world(as_of)
    people.deliver_shoppers(connection, shoppers, DAYS)
    people.deliver_subscribers(connection, subscribers, DAYS)
    world.build(connection, "customer_purchases", "contract_spells")
    return connection


def _features(connection) -> list[dict]:
    connection.execute("""
        create or replace table customer_measures as
        with customers as (
            select customer_id from customer_purchases
            union select customer_id from contract_spells
        )
        select
            customer_id, as_of_date, true as is_tonight, true as orders_are_known,
            true as mrr_is_known, 0 as monetary, coalesce(mrr, 0) as mrr
        from customers cross join control
        left join (
            select customer_id, sum(monthly_amount) as mrr
            from int_customers__subscriptions where ends_on is null group by all
        ) using (customer_id)
    """)
    world.build(connection, "purchase_values", "value_features")
    return world.rows(connection, "from value_features order by customer_id")


@pytest.fixture(scope="module")
def night():
    connection = _night()
    decisions = fit_value(connection, AS_OF)
    return connection, {one["model"]: one for one in decisions}, _features(connection)


def test_every_model_is_fitted_and_recovers_who_was_drawn(night):
    connection, decisions, _ = night
    assert [decisions[name]["decision"] for name in MODELS] == ["fitted"] * 3
    found = {
        (row["model"], row["name"]): row["value"]
        for row in world.rows(
            connection, "from scores.score_models where kind <> 'state'"
        )
    }
    assert found["bg_nbd", "r"] == pytest.approx(0.6, rel=0.2)
    assert found["bg_nbd", "alpha"] == pytest.approx(5, rel=0.3)
    assert found["bg_nbd", "backtest_ratio"] == pytest.approx(1, abs=0.15)
    assert found["gamma_gamma", "p"] == pytest.approx(6, rel=0.15)
    assert found["gamma_gamma", "q"] == pytest.approx(4, rel=0.15)
    assert found["gamma_gamma", "kept_share"] == 1
    assert found["shifted_beta_geometric", "alpha"] == pytest.approx(0.7, rel=0.3)
    assert found["shifted_beta_geometric", "survival_error"] < 0.05


def test_the_sql_says_what_the_functions_say(night):
    connection, _, features = night
    given = connection.execute(
        "from customer_purchases order by customer_id"
    ).fetchnumpy()
    ours = [row for row in features if row["customer_id"].startswith("c")]
    numbers = connection.execute(
        "select name, value from scores.score_models where kind = 'parameter'"
        "and model in ('bg_nbd', 'gamma_gamma')"
    ).fetchall()
    fit = dict(numbers)
    model = clv.BgNbd(*(fit[name] for name in ("r", "alpha", "a", "b")))
    spend = clv.GammaGamma(*(fit[name] for name in ("p", "q", "gamma")))
    x = given["repeat_purchases"]
    past = (x, given["first_to_last_days"] / 7, given["observed_days"] / 7)
    alive = np.where(x > 0, clv.p_alive(model, *past), np.nan)
    assert np.allclose(
        [np.nan if row["p_alive"] is None else row["p_alive"] for row in ours],
        alive,
        atol=1e-6,
        equal_nan=True,
    )
    for days in (90, 365):
        ahead = clv.expected_purchases(model, days / 7, *past)
        sql = [row[f"expected_orders_{days}d"] for row in ours]
        assert np.allclose(sql, ahead, atol=1e-6)
    value = clv.expected_order_value(spend, x + 1, given["spend"] / (x + 1))
    assert np.allclose(
        [float(row["expected_order_value"]) for row in ours], value, atol=0.0051
    )


def test_subscribers_are_worth_what_they_are_expected_to_pay(night):
    connection, _, features = night
    row = connection.execute(
        "select customer_id, renewals from contract_spells "
        "where not has_ended order by renewals desc, customer_id limit 1"
    ).fetchone()
    alpha, beta = (
        connection.execute(
            "select value from scores.score_models where name = ? "
            "and model = 'shifted_beta_geometric'",
            [name],
        ).fetchone()[0]
        for name in ("alpha", "beta")
    )
    payments = float(
        clv.expected_payments(clv.ShiftedBetaGeometric(alpha, beta), row[1])
    )
    mine = next(one for one in features if one["customer_id"] == row[0])
    assert mine["clv_method"] == "shifted_beta_geometric"
    assert mine["expected_payments_12m"] == pytest.approx(payments, abs=1e-6)
    assert float(mine["clv_12m"]) == pytest.approx(20 * payments, abs=0.01)


def test_every_value_lies_within_its_bounds(night):
    _, _, features = night
    assert {row["clv_method"] for row in features} == {
        "bg_nbd_gamma_gamma",
        "shifted_beta_geometric",
    }
    for row in features:
        assert 0 <= row["clv_12m_low"] <= row["clv_12m"] <= row["clv_12m_high"]


def test_the_bounds_hold_eight_of_ten_futures():
    """Fitted on 540 days of 6,000 shoppers, held against the 365 days after them."""
    connection = world.empty_world(AS_OF)
    people.deliver_shoppers(connection, 6000, DAYS + 366)
    world.build(connection, "customer_purchases", "contract_spells")
    fit_value(connection, AS_OF)
    features = {row["customer_id"]: row for row in _features(connection)}
    spent = dict(
        connection.execute(
            "select customer_id, sum(amount) from int_customers__invoice_lines "
            "where invoiced_on > ? group by customer_id",
            [AS_OF],
        ).fetchall()
    )
    future = {name: spent.get(name, 0) for name in features}
    below = [future[n] < row["clv_12m_low"] for n, row in features.items()]
    above = [future[n] > row["clv_12m_high"] for n, row in features.items()]
    assert np.mean(below) < 0.11
    assert np.mean(above) < 0.11
    lows = {name: row["clv_12m_low"] for name, row in features.items()}
    sure = [future[name] < low for name, low in lows.items() if low]
    assert len(sure) > 100
    assert np.mean(sure) == pytest.approx(0.1, abs=0.06)
    expected = sum(row["clv_12m"] for row in features.values())
    assert float(expected) == pytest.approx(float(sum(future.values())), rel=0.1)


def test_the_same_customers_in_another_order_give_the_same_numbers(night):
    connection, _, _ = night
    before = world.rows(connection, "from scores.score_models order by all")
    other = world.empty_world(AS_OF)
    other.execute("set threads = 1")
    people.deliver_shoppers(other, 4000, DAYS)
    people.deliver_subscribers(other, 1500, DAYS)
    for table in ("int_customers__invoice_lines", "int_customers__subscriptions"):
        other.execute(
            f"create or replace table {table} as from {table} order by all desc"
        )
    world.build(other, "customer_purchases", "contract_spells")
    fit_value(other, AS_OF)
    assert world.rows(other, "from scores.score_models order by all") == before


def test_a_model_is_kept_until_its_cadence_ends():
    connection = _night(shoppers=1000, subscribers=400)
    fit_value(connection, AS_OF)
    first = world.rows(connection, "from scores.score_models order by all")
    connection.execute("insert into release.score_models from scores.score_models")
    for days, status in ((29, "kept"), (30, "fitted")):
        connection.execute("delete from scores.score_models")
        later = AS_OF + timedelta(days=days)
        assert {one["decision"] for one in fit_value(connection, later)} == {status}
        now = world.rows(connection, "from scores.score_models order by all")
        assert now[0]["challenged_on"] == (AS_OF if status == "kept" else later)
        if status == "kept":
            numbers = [{**row, "status": "kept"} for row in first]
            assert now == numbers


def test_another_currency_is_another_model():
    connection = _night(shoppers=1000, subscribers=400)
    fit_value(connection, AS_OF)
    connection.execute("insert into release.score_models from scores.score_models")
    connection.execute("update night.control set reporting_currency = 'GBP'")
    later = AS_OF + timedelta(days=1)
    assert {one["decision"] for one in fit_value(connection, later)} == {"fitted"}


def test_a_trusted_model_outlives_a_fit_that_is_not():
    connection = _night(shoppers=1000, subscribers=400)
    fit_value(connection, AS_OF)
    connection.execute("insert into release.score_models from scores.score_models")
    connection.execute("delete from scores.score_models")
    connection.execute("delete from customer_purchases where repeat_purchases > 0")
    decisions = fit_value(connection, AS_OF + timedelta(days=31))
    orders = decisions[0]
    assert (orders["model"], orders["decision"]) == ("bg_nbd", "kept")
    assert "was not taken: 0 repeat buyers, 50 are needed" in orders["reason"]


def test_too_little_history_says_so_and_falls_back():
    connection = _night(shoppers=60, subscribers=30)
    decisions = fit_value(connection, AS_OF)
    assert {one["decision"] for one in decisions} == {"too_little_history"}
    assert decisions[0]["reason"].endswith("customers, 200 are needed")
    features = _features(connection)
    assert {row["clv_method"] for row in features} == {"heuristic"}
    assert all(row["p_alive"] is None for row in features)
    assert all(row["clv_12m_low"] is None for row in features)
    values = {row["customer_id"]: row["clv_12m"] for row in features}
    assert min(values.values()) == 0
    assert {v for name, v in values.items() if name.startswith("s")} <= {0, 240}


def test_a_night_without_any_customer_has_no_model_and_no_value():
    connection = world.empty_world(AS_OF)
    world.build(connection, "customer_purchases", "contract_spells")
    decisions = fit_value(connection, AS_OF)
    assert {one["decision"] for one in decisions} == {"too_little_history"}
    assert _features(connection) == []
