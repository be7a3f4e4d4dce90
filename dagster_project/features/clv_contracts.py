"""Shifted beta-geometric: how long a contract that is renewed every period lasts.

Fader and Hardie (2007), "How to Project Customer Retention", Journal of Interactive
Marketing 21(1), 76-90. At each renewal a customer leaves with a probability that stays
the same and is beta(alpha, beta) over the customers: those who stay are the loyal ones.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma

from dagster_project.features.clv_search import Floats, columns, maximise

STARTS = ((1.0, 1.0), (0.7, 4.0), (2.0, 30.0))


class ShiftedBetaGeometric(NamedTuple):
    """The parameters; the period is that of the tenures that were given."""

    alpha: float
    beta: float
    log_likelihood: float = float("nan")


def fit_shifted_beta_geometric(
    tenure: ArrayLike, has_churned: ArrayLike, weights: ArrayLike | None = None
) -> ShiftedBetaGeometric:
    """The parameters of greatest likelihood (equations 5 and 6 of the paper).

    `tenure` is the renewal (1, 2, ...) at which a customer left, or the renewals that
    a customer who is still there has survived (0, 1, ...). Raises ValueError for a
    customer who left before the first renewal.
    """
    t, churned, weights = columns(weights, tenure, has_churned)
    left = churned > 0
    if (t[left] < 1).any():
        raise ValueError("nobody leaves before the first renewal")

    def likelihood(parameters: Floats) -> tuple[float, Floats]:
        alpha, beta = parameters
        stayed = beta + t - left
        value = betaln(alpha + left, stayed) - betaln(alpha, beta)
        both = digamma(alpha + beta) - digamma(alpha + beta + t)
        by_alpha = both + digamma(alpha + left) - digamma(alpha)
        by_beta = both + digamma(stayed) - digamma(beta)
        slope = np.array([weights @ by_alpha, weights @ by_beta])
        return float(weights @ value), slope

    best, value = maximise(likelihood, STARTS)
    return ShiftedBetaGeometric(float(best[0]), float(best[1]), value)


def survival(
    model: ShiftedBetaGeometric, periods: ArrayLike, tenure: ArrayLike = 0
) -> Floats:
    """The probability to survive so many more renewals after `tenure` of them."""
    alpha, beta, _ = model
    n = np.asarray(tenure, np.float64)
    ahead = np.asarray(periods, np.float64)
    return np.asarray(np.exp(betaln(alpha, beta + n + ahead) - betaln(alpha, beta + n)))


def expected_payments(
    model: ShiftedBetaGeometric, tenure: ArrayLike, horizon: int = 12
) -> Floats:
    """How many of the next `horizon` renewals a customer is expected to pay."""
    n = np.asarray(tenure, np.float64)
    ahead = np.arange(1, horizon + 1)
    return np.asarray(survival(model, ahead, n[..., None]).sum(axis=-1))
