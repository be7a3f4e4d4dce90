"""What a fitted BG/NBD model says of a customer with a known past.

Equations of Fader, Hardie and Lee (2005) unless another source is named.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, gammaln, hyp2f1

from dagster_project.features.clv_purchases import BgNbd
from dagster_project.features.clv_search import Floats


def p_alive(
    model: BgNbd,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,  # noqa: N803
) -> Floats:
    """The probability that a customer still buys (Fader, Hardie and Lee 2008, note 21).

    1 for who bought once: in this model one can only leave after a repeat purchase.
    """
    x, t_x, observed = (np.asarray(v, np.float64) for v in (frequency, recency, T))
    r, alpha, a, b, _ = model
    log_odds = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * (
        np.log(alpha + observed) - np.log(alpha + t_x)
    )
    gone = np.where(x > 0, 1 / (1 + np.exp(-np.clip(log_odds, -700, 700))), 0.0)
    return np.asarray(1 - gone)


def expected_purchases(
    model: BgNbd,
    horizon: float,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,  # noqa: N803
) -> Floats:
    """Purchases expected in the next `horizon` (equation 10 of the paper)."""
    alive = p_alive(model, frequency, recency, T)
    return alive * expected_if_alive(model, horizon, frequency, T)


def expected_if_alive(
    model: BgNbd,
    horizon: float,
    frequency: ArrayLike,
    T: ArrayLike,  # noqa: N803
) -> Floats:
    """Purchases expected of a customer who is still there; the last one tells no more.

    Equation 10 after Euler's transformation of the hypergeometric function: the powers
    that overflow for frequent buyers cancel.
    """
    x, observed = np.asarray(frequency, np.float64), np.asarray(T, np.float64)
    r, alpha, a, b, _ = model
    if abs(a - 1) < 1e-6:  # the formula is 0 / 0 at a = 1, and continuous there
        a = 1 + 1e-6
    share = horizon / (alpha + observed + horizon)
    series = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, share)
    left = 1 - (1 - share) ** (a - 1) * series
    return np.asarray((a + b + x - 1) / (a - 1) * left)


def purchase_probabilities(
    model: BgNbd, horizon: float, frequency: float, observed: float, most: int
) -> Floats:
    """The probability of 0, 1, ..., `most` purchases by a customer who is still there.

    Equation 8 of the paper with what the past says of the customer: r + x, alpha + T
    and b + x instead of r, alpha and b.
    """
    r, alpha, a = model.r + frequency, model.alpha + observed, model.a
    b = model.b + frequency
    n = np.arange(most + 1, dtype=np.float64)
    chance = horizon / (alpha + horizon)
    number = gammaln(r + n) - gammaln(r) - gammaln(n + 1)
    stayed = number + n * np.log(chance) + r * np.log1p(-chance)
    stayed += betaln(a, b + n) - betaln(a, b)
    left = betaln(a + 1, b + n[1:] - 1) - betaln(a, b)
    found = np.exp(stayed)
    found[1:] += np.exp(left) * betainc(n[1:], r, chance)
    return found


def most_purchases(
    model: BgNbd, horizon: float, frequency: float, observed: float
) -> int:
    """More purchases than this are as good as impossible, even if nobody leaves."""
    r, alpha = model.r + frequency, model.alpha + observed
    mean = r * horizon / alpha
    numbers = np.arange(1, mean + 12 * np.sqrt(mean * (1 + horizon / alpha)) + 20)
    chances = betainc(numbers, r, horizon / (alpha + horizon))
    return int(np.count_nonzero(chances > 1e-6)) + 1
