"""Fits that are not to be trusted are found out, with a reason in words."""

import numpy as np
import pytest

from dagster_project.features.value_contracts import fit_contracts, observed_survival
from dagster_project.features.value_fits import fit_orders, fit_spend

MINIMUM = {
    "clv_minimum_customers": 200,
    "clv_minimum_repeat_buyers": 50,
    "clv_minimum_days": 180,
    "clv_minimum_contracts": 100,
    "clv_minimum_ended_contracts": 20,
}


def _orders(rows):
    names = ("frequency", "recency", "observed", "customers", "bought")
    columns = np.array(rows, dtype=np.float64).T
    return dict(zip(names, columns, strict=False))


def _contracts(rows):
    columns = np.array(rows, dtype=np.float64).T
    return dict(zip(("renewals", "has_ended", "customers"), columns, strict=True))


# frequency, recency and weeks of observation, of so many customers
SHOP = [
    (0, 0, 50, 300),
    (1, 5, 50, 80),
    (1, 35, 50, 20),
    (2, 12, 50, 30),
    (2, 40, 50, 10),
    (5, 20, 50, 10),
    (5, 48, 50, 10),
    (12, 49, 50, 3),
]
# The same shop 90 days before, and what was bought since.
EARLIER = [
    (0, 0, 37, 320, 20),
    (1, 5, 37, 90, 10),
    (2, 12, 37, 35, 5),
    (2, 30, 37, 5, 5),
    (5, 35, 37, 10, 15),
    (9, 36, 37, 3, 8),
]
CLOSED = [(*row[:4], 0) for row in EARLIER]
BOOM = [(*row[:4], 3000) for row in EARLIER]


def test_a_shop_as_usual_is_fitted_and_tried_on_what_came_since():
    found = fit_orders(_orders(SHOP), _orders(EARLIER), MINIMUM)
    assert set(found.parameters) == {"r", "alpha", "a", "b"}
    assert found.problem == ""
    assert found.metrics["backtest_bought_90d"] == 63
    assert 0.5 < found.metrics["backtest_ratio"] < 2


@pytest.mark.parametrize(
    ("since", "words"), [(CLOSED, "times what was bought"), (BOOM, "expects 0.0")]
)
def test_a_shop_that_changed_in_the_last_90_days_has_no_forecast(since, words):
    found = fit_orders(_orders(SHOP), _orders(since), MINIMUM)
    assert not found.parameters
    assert words in found.problem
    assert not found.is_too_little


def test_customers_who_are_all_alike_have_no_maximum():
    """Everybody buys once a week and nobody leaves."""
    alike = _orders([(50, 50, 50, 400), (40, 40, 40, 400)])
    found = fit_orders(alike, _orders([(37, 37, 37, 400, 5200)]), MINIMUM)
    assert not found.parameters
    assert found.problem.startswith("no maximum inside: ")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(0, 0, 50, 199)], "199 customers, 200 are needed"),
        ([(0, 0, 50, 200), (1, 3, 50, 49)], "49 repeat buyers, 50 are needed"),
        ([(0, 0, 25, 200), (1, 3, 25, 50)], "175 days, 180 are needed"),
    ],
    ids=["customers", "repeat buyers", "days"],
)
def test_too_little_history_is_named(rows, reason):
    found = fit_orders(_orders(rows), _orders(EARLIER), MINIMUM)
    assert found.is_too_little
    assert found.problem == reason


def _spend(mean, frequency=None):
    mean = np.asarray(mean, np.float64)
    x = np.full(len(mean), 3.0) if frequency is None else frequency
    return {"frequency": x, "mean": mean, "customers": np.ones(len(mean))}


def test_one_price_for_everybody_has_no_maximum():
    found = fit_spend(_spend([10.0] * 300), 1.0, MINIMUM)
    assert not found.parameters
    assert found.problem.startswith("no maximum inside: ")


def test_an_infinite_mean_is_refused():
    draw = np.random.default_rng(5)
    x = draw.integers(2, 9, 2000).astype(np.float64)
    amounts = draw.gamma(2 * x, 1 / x) / draw.gamma(0.7, 1.0, 2000)
    found = fit_spend(_spend(amounts, x), 1.0, MINIMUM)
    assert not found.parameters
    assert "infinite" in found.problem


def test_spend_that_depends_on_frequency_is_noted():
    draw = np.random.default_rng(3)
    x = draw.integers(2, 12, 800).astype(np.float64)
    amounts = x * 5 * draw.gamma(6.0, 1 / 6.0, 800)
    found = fit_spend(_spend(amounts, x), 0.9, MINIMUM)
    assert found.parameters["kept_share"] == 0.9
    assert found.note.startswith("spend per order depends on frequency")


def test_contracts_that_end_after_a_year_do_not_follow_a_monthly_model():
    yearly = [(12, 1, 300), (12, 0, 300), (24, 0, 200), (5, 0, 100)]
    found = fit_contracts(_contracts(yearly), MINIMUM)
    assert not found.parameters
    assert "away from the observed one" in found.problem


def test_contracts_that_nobody_gives_up_are_too_few_to_learn_from():
    found = fit_contracts(_contracts([(12, 0, 500), (3, 1, 19)]), MINIMUM)
    assert found.is_too_little
    assert found.problem == "19 ended contracts, 20 are needed"


def test_a_share_that_stays_the_same_every_month_is_fitted():
    left = [(t, 1, 1000 * 0.9 ** (t - 1) * 0.1) for t in range(1, 25)]
    found = fit_contracts(_contracts([*left, (24, 0, 1000 * 0.9**24)]), MINIMUM)
    assert found.metrics["survival_error"] < 0.001
    assert found.parameters["alpha"] / sum(found.parameters.values()) == pytest.approx(
        0.1, abs=1e-3
    )


def test_observed_survival_counts_who_could_still_leave():
    """30 left at the first renewal, 40 have only reached it, 30 survived the second."""
    groups = _contracts([(1, 1, 30), (1, 0, 40), (2, 1, 20), (2, 0, 10), (3, 0, 5)])
    months, survival = observed_survival(groups)
    assert list(months) == [1, 2]
    assert survival == pytest.approx([75 / 105, 75 / 105 * 15 / 35])
