"""BG/NBD: when a customer without a contract buys again, and whether at all.

Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way", Marketing Science
24(2), 275-284. While alive a customer buys at a rate that is gamma(r, alpha) over the
customers, and after each purchase leaves with a probability that is beta(a, b).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma, gammaln

from dagster_project.features.clv_search import Floats, columns, maximise

# Two starts: everybody alike, and the shape that is common in retail.
STARTS = ((1.0, 1.0, 1.0, 1.0), (0.25, 0.15, 0.8, 2.5))


class BgNbd(NamedTuple):
    """The parameters; alpha is in the unit of the times that were given."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")


def fit_bg_nbd(
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,  # noqa: N803 - the name in the literature
    weights: ArrayLike | None = None,
) -> BgNbd:
    """The parameters of greatest likelihood (equation 6 of the paper).

    `frequency` counts the purchases after the first, `recency` is the time from the
    first to the last, `T` from the first to the end of observation; `weights` says how
    many customers share a row. Raises ValueError for columns that cannot be.
    """
    x, t_x, observed, weights = columns(weights, frequency, recency, T)
    if (t_x > observed).any() or ((x == 0) & (t_x > 0)).any():
        raise ValueError("the last purchase lies outside of what was observed")
    unit = float(np.average(observed, weights=weights)) or 1.0
    sums = _Sums(x, t_x / unit, observed / unit, weights)
    best, value = maximise(sums.likelihood, STARTS)
    # A time measured in another unit multiplies the density of every purchase.
    value -= float((weights * x).sum() * np.log(unit))
    r, alpha, a, b = (float(number) for number in best)
    return BgNbd(r, alpha * unit, a, b, value)


class _Sums:
    """The likelihood of grouped customers; gamma functions once per frequency."""

    def __init__(self, x: Floats, t_x: Floats, observed: Floats, weights: Floats):
        self.x, self.t_x, self.observed, self.weights = x, t_x, observed, weights
        self.counts, self.place = np.unique(x, return_inverse=True)
        self.total = np.bincount(self.place, weights)
        self.again = x > 0

    def likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        n, total = self.counts, self.total
        slope = np.array(
            [
                total @ (digamma(r + n) - digamma(r) + np.log(alpha)),
                total.sum() * r / alpha,
                total @ (digamma(a + b) - digamma(a + b + n)),
                total
                @ (digamma(a + b) - digamma(a + b + n) + digamma(b + n) - digamma(b)),
            ]
        )
        value = total @ (gammaln(r + n) - gammaln(r) + r * np.log(alpha))
        value += total @ (betaln(a, b + n) - betaln(a, b))
        mixed, slopes = self._alive_or_gone(r, alpha, a, b)
        return float(value + mixed), slope + slopes

    def _alive_or_gone(
        self, r: float, alpha: float, a: float, b: float
    ) -> tuple[float, Floats]:
        x, weights = self.x, self.weights
        power = r + x
        log_alive, log_gone = np.log(alpha + self.observed), np.log(alpha + self.t_x)
        odds = np.log(a / (b + np.maximum(x, 1) - 1))
        alive = -power * log_alive
        gone = np.where(self.again, odds - power * log_gone, -np.inf)
        both = np.logaddexp(alive, gone)
        share = weights * np.exp(gone - both)
        rest = weights - share
        return float(weights @ both), np.array(
            [
                -(rest @ log_alive) - share @ log_gone,
                -(rest @ (power / (alpha + self.observed)))
                - share @ (power / (alpha + self.t_x)),
                share.sum() / a,
                -(share @ (1 / (b + np.maximum(x, 1) - 1))),
            ]
        )
