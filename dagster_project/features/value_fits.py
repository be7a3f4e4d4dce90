"""The fits to purchases of a night and what makes one not to be trusted.

Works on grouped counts; reads no customer.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dagster_project.features import clv
from dagster_project.features.clv_search import Floats
from dagster_project.features.value_models import Outcome, round_off, too_little

Columns = Mapping[str, Floats]
Minimum = Mapping[str, float]

# Outside of these a parameter has run away: all customers are alike, or nobody leaves.
SMALLEST, LARGEST = 1e-4, 1e4
# Half or twice of what the last 90 days brought is worse than no forecast.
WORST_RATIO = 2.0
# Fewer than so many in 90 days are too few to say so.
ENOUGH_PURCHASES = 30
# Above it, what is spent per order depends on how often one orders.
NOTED_CORRELATION = 0.3


def fit_orders(groups: Columns, earlier: Columns, minimum: Minimum) -> Outcome:
    """BG/NBD in weeks, tried on the last 90 days before it is trusted."""
    customers = int(groups["customers"].sum())
    repeat = int(groups["customers"][groups["frequency"] > 0].sum())
    days = float(groups["observed"].max(initial=0.0)) * 7
    known = {"customers": customers, "repeat_buyers": repeat, "days": round(days)}
    for name, found in known.items():
        if refused := too_little(name, found, minimum):
            return refused
    model = _fit(groups)
    parameters = dict(zip(("r", "alpha", "a", "b"), model[:4], strict=True))
    metrics = {"log_likelihood": round_off(model.log_likelihood)}
    metrics |= _backtest(earlier)
    ratio = metrics.get("backtest_ratio", 1.0)
    if outside := _outside(parameters):
        return Outcome({}, metrics, customers, outside)
    if not 1 / WORST_RATIO <= ratio <= WORST_RATIO:
        problem = f"fitted 90 days ago it expects {ratio:.2f} times what was bought"
        return Outcome({}, metrics, customers, problem)
    return Outcome(parameters, metrics, customers)


def _fit(groups: Columns) -> clv.BgNbd:
    return clv.fit_bg_nbd(
        groups["frequency"], groups["recency"], groups["observed"], groups["customers"]
    )


def _backtest(earlier: Columns) -> dict[str, float]:
    """What a model of 90 days ago expects of the days since, and what they brought."""
    repeat = float(earlier["customers"][earlier["frequency"] > 0].sum())
    if repeat < 10:
        return {}
    past = (earlier[name] for name in ("frequency", "recency", "observed"))
    ahead = clv.expected_purchases(_fit(earlier), 90 / 7, *past)
    expected, bought = (
        float(ahead @ earlier["customers"]),
        float(earlier["bought"].sum()),
    )
    if max(expected, bought) < ENOUGH_PURCHASES:
        return {}
    return {
        "backtest_expected_90d": round_off(expected),
        "backtest_bought_90d": bought,
        "backtest_ratio": round_off(expected / max(bought, 1.0)),
    }


def fit_spend(groups: Columns, kept_share: float, minimum: Minimum) -> Outcome:
    """Gamma-gamma on who bought on two days or more."""
    customers = int(groups["customers"].sum())
    if refused := too_little("repeat_buyers", customers, minimum):
        return refused
    x, mean, weights = groups["frequency"], groups["mean"], groups["customers"]
    model = clv.fit_gamma_gamma(x, mean, weights)
    observed = float(np.average(mean, weights=weights))
    correlation = _correlation(x, mean, weights)
    metrics = {"mean_order_value": observed, "spend_frequency_correlation": correlation}
    metrics = {name: round_off(value) for name, value in metrics.items()}
    parameters = {"p": model.p, "q": model.q, "gamma": model.gamma}
    if problem := _order_value_problem(model, observed):
        return Outcome({}, metrics, customers, problem)
    note = ""
    if abs(correlation) > NOTED_CORRELATION:
        note = f"spend per order depends on frequency: correlation {correlation:.2f}"
    return Outcome(
        parameters | {"kept_share": kept_share}, metrics, customers, note=note
    )


def _order_value_problem(model: clv.GammaGamma, observed: float) -> str:
    scaled = {"p": model.p, "q": model.q, "gamma": model.gamma / observed}
    if outside := _outside(scaled):
        return outside
    if model.q <= 1:
        return f"the mean order value is infinite: q = {model.q:.3f}"
    ratio = model.p * model.gamma / (model.q - 1) / observed
    if not 1 / WORST_RATIO <= ratio <= WORST_RATIO:
        return f"its mean order value is {ratio:.2f} times the observed one"
    return ""


def _correlation(x: Floats, mean: Floats, weights: Floats) -> float:
    covariance: Any = np.cov(x, mean, aweights=weights)
    spread = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    return float(covariance[0, 1]) / spread if spread > 0 else 0.0


def _outside(parameters: Mapping[str, float]) -> str:
    found = [
        f"{name} = {value:.3g}"
        for name, value in parameters.items()
        if not SMALLEST <= value <= LARGEST
    ]
    return f"no maximum inside: {', '.join(found)}" if found else ""
