"""The models of value: likelihoods, forecasts and their limits."""

import numpy as np
import pytest

from dagster_project.features import clv
from dagster_project.features.clv_forecast import expected_if_alive, most_purchases
from dagster_project.features.clv_purchases import _Sums as PurchaseSums
from dagster_project.features.clv_spend import _Sums as SpendSums

RETAIL = clv.BgNbd(0.243, 4.414, 0.793, 2.426)
SPEND = clv.GammaGamma(6.25, 3.74, 15.44)
YEAR = 365 / 7


def _slope(likelihood, at):
    steps = np.eye(len(at)) * 1e-6
    return [
        (likelihood(at + step)[0] - likelihood(at - step)[0]) / 2e-6 for step in steps
    ]


def test_the_slope_of_the_purchase_likelihood_is_its_derivative():
    x, t_x = np.array([0.0, 1, 2, 7]), np.array([0.0, 3, 30, 30])
    sums = PurchaseSums(x, t_x, np.array([10.0, 38, 38, 30]), np.array([5.0, 2, 1, 1]))
    at = np.array([0.4, 4.0, 0.9, 2.0])
    assert sums.likelihood(at)[1] == pytest.approx(
        _slope(sums.likelihood, at), abs=1e-5
    )


def test_the_slope_of_the_spend_likelihood_is_its_derivative():
    x, mean, customers = np.array([[1.0, 2, 9], [3, 1, 2], [5, 2, 1]])
    sums = SpendSums(x, mean, customers)
    at = np.array([4.0, 3.0, 2.0])
    assert sums.likelihood(at)[1] == pytest.approx(
        _slope(sums.likelihood, at), abs=1e-5
    )


def test_customers_who_are_alike_may_share_a_row():
    x, t_x, t = [0, 0, 0, 1, 2, 2, 3], [0, 0, 0, 9, 8, 8, 2], [9, 9, 9, 9, 9, 9, 9]
    each = clv.fit_bg_nbd(x, t_x, t)
    grouped = clv.fit_bg_nbd([0, 1, 2, 3], [0, 9, 8, 2], [9, 9, 9, 9], [3, 1, 2, 1])
    assert grouped.log_likelihood == pytest.approx(each.log_likelihood, abs=1e-6)


def test_the_unit_of_time_only_scales_alpha():
    x, t_x, t = [0, 0, 1, 2, 5, 1], [0, 0, 7, 63, 70, 20], [70, 35, 70, 70, 72, 60]
    days, weeks = (
        clv.fit_bg_nbd(x, np.array(t_x) / unit, np.array(t) / unit) for unit in (1, 7)
    )
    assert days.alpha == pytest.approx(weeks.alpha * 7, rel=1e-3)
    assert days.log_likelihood == pytest.approx(
        weeks.log_likelihood - sum(x) * np.log(7), abs=1e-6
    )


@pytest.mark.parametrize(
    ("x", "t_x", "t", "message"),
    [
        ([1], [9], [8], "outside"),
        ([0], [1], [8], "outside"),
        ([], [], [], "not empty"),
        ([1, 2], [1], [8], "one length"),
        ([1], [np.nan], [8], "known numbers"),
    ],
    ids=["after the end", "of nobody", "empty", "ragged", "unknown"],
)
def test_columns_that_cannot_be_are_refused(x, t_x, t, message):
    with pytest.raises(ValueError, match=message):
        clv.fit_bg_nbd(x, t_x, t)


def test_orders_without_a_value_are_refused():
    with pytest.raises(ValueError, match="positive"):
        clv.fit_gamma_gamma([1, 2], [10, 0])


@pytest.mark.parametrize("x", [0, 1, 2, 30])
def test_the_purchases_of_a_year_sum_to_what_is_expected(x):
    most = most_purchases(RETAIL, YEAR, x, 50.0)
    chances = clv.purchase_probabilities(RETAIL, YEAR, x, 50.0, most)
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    expected = expected_if_alive(RETAIL, YEAR, x, 50.0)
    assert chances @ np.arange(most + 1) == pytest.approx(float(expected), rel=1e-4)


def test_a_forecast_is_safe_for_who_buys_every_day_and_at_a_equal_to_1():
    for a in (0.2, 1 - 1e-9, 1.0, 1 + 1e-5, 8.0):
        model = clv.BgNbd(0.243, 4.414, a, 2.426)
        ahead = clv.expected_purchases(model, YEAR, [0, 5, 1500], [0, 30, 260], 260)
        assert np.isfinite(ahead).all()
        assert (ahead >= 0).all()
    near, at = (
        clv.expected_purchases(clv.BgNbd(0.2, 4.4, a, 2.4), 39, 2, 30, 39)
        for a in (1 + 1e-4, 1.0)
    )
    assert near == pytest.approx(at, rel=1e-3)


def test_silence_lowers_the_hope_of_a_frequent_buyer_most():
    alive = clv.p_alive(RETAIL, [0, 2, 20, 20], [0, 10, 10, 50], 50)
    assert alive[0] == 1
    assert alive[2] < alive[1] < alive[3] < 1


def test_an_order_value_lies_between_the_own_mean_and_that_of_all():
    everyone = 6.25 * 15.44 / 2.74
    values = clv.expected_order_value(SPEND, [0, 1, 10, 1], [0, 100, 100, 5])
    assert values[0] == pytest.approx(everyone)
    assert everyone < values[1] < values[2] < 100
    assert 5 < values[3] < everyone


def test_without_a_mean_there_is_no_order_value():
    assert np.isnan(clv.expected_order_value(clv.GammaGamma(6, 0.9, 15), [1], [9]))


def test_the_payments_of_a_year_are_the_survival_of_its_renewals():
    model = clv.ShiftedBetaGeometric(0.668, 3.806)
    assert clv.survival(model, 1) == pytest.approx(1 - 0.668 / (0.668 + 3.806))
    assert clv.survival(model, 3, 4) == pytest.approx(
        clv.survival(model, 7) / clv.survival(model, 4)
    )
    short, long = clv.expected_payments(model, [0, 24])
    assert 0 < short < long < 12


def test_a_customer_cannot_leave_before_the_first_renewal():
    with pytest.raises(ValueError, match="first renewal"):
        clv.fit_shifted_beta_geometric([0, 3], [1, 0])


def test_bounds_of_a_spend_are_its_quantiles():
    """Against 400,000 draws of the same customer: 3 purchases of 120 in total."""
    draw = np.random.default_rng(7)
    size, x, weeks, alive = 400_000, 2, 60.0, 0.8
    rate = draw.gamma(RETAIL.r + x, 1 / (RETAIL.alpha + weeks), size)
    leave = draw.beta(RETAIL.a, RETAIL.b + x, size)
    here = draw.random(size) < alive
    number = np.zeros(size, dtype=np.int64)
    clock = draw.exponential(1 / rate)
    while (buys := here & (clock < YEAR)).any():
        number += buys
        here = buys & (draw.random(size) >= leave)
        clock = clock + draw.exponential(1 / rate)
    level = draw.gamma(SPEND.p * 3 + SPEND.q, 1 / (SPEND.gamma + 120), size)
    spend = np.where(number > 0, draw.gamma(SPEND.p * np.maximum(number, 1)), 0) / level
    chances = clv.purchase_probabilities(RETAIL, YEAR, x, weeks, 80)
    levels = (0.1, 0.5, 0.9, 0.97)
    found = clv.spend_bounds(SPEND, 3, chances, [alive], levels)[:, 0]
    wanted = np.quantile(spend, levels)
    assert found * (SPEND.gamma + 120) == pytest.approx(wanted, rel=0.03, abs=0.01)
