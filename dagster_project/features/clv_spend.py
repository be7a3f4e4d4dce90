"""Gamma-gamma: what a customer spends per purchase, and what a year may bring.

Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value", note 25 of
brucehardie.com. The amounts of a customer are gamma(p, v), and v is gamma(q, gamma)
over the customers; how much is spent does not depend on how often.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, digamma, gammaln

from dagster_project.features.clv_search import Floats, columns, maximise

STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5))


class GammaGamma(NamedTuple):
    """The parameters; gamma is in the currency of the amounts that were given."""

    p: float
    q: float
    gamma: float


def fit_gamma_gamma(
    frequency: ArrayLike, monetary: ArrayLike, weights: ArrayLike | None = None
) -> GammaGamma:
    """The parameters of greatest likelihood (equation 1a of the note).

    `monetary` is the mean of the `frequency` purchases of a customer. Raises
    ValueError when one of them is not positive.
    """
    x, mean, weights = columns(weights, frequency, monetary)
    if (x <= 0).any() or (mean <= 0).any():
        raise ValueError("only customers with purchases of a positive value have one")
    unit = float(np.average(mean, weights=weights))
    best, _ = maximise(_Sums(x, mean / unit, weights).likelihood, STARTS)
    p, q, gamma = (float(number) for number in best)
    return GammaGamma(p, q, gamma * unit)


class _Sums:
    """The likelihood of grouped customers; gamma functions once per frequency."""

    def __init__(self, x: Floats, mean: Floats, weights: Floats):
        self.x, self.spent, self.weights = x, x * mean, weights
        self.counts, self.place = np.unique(x, return_inverse=True)
        self.total = np.bincount(self.place, weights)
        self.logs = weights @ np.log(mean)
        self.by_count = weights * x @ np.log(self.spent)

    def likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        p, q, gamma = parameters
        n, total = self.counts, self.total
        wide = np.log(gamma + self.spent)
        seen, seen_by_count = self.weights @ wide, (self.weights * self.x) @ wide
        everyone = total.sum()
        value = total @ (gammaln(p * n + q) - gammaln(p * n)) - everyone * gammaln(q)
        value += everyone * q * np.log(gamma) + p * self.by_count - self.logs
        value -= p * seen_by_count + q * seen
        steps = digamma(p * n + q)
        slope = [
            total @ (n * (steps - digamma(p * n))) + self.by_count - seen_by_count,
            total @ steps + everyone * (np.log(gamma) - digamma(q)) - seen,
            everyone * q / gamma
            - self.weights @ ((p * self.x + q) / (gamma + self.spent)),
        ]
        return float(value), np.array(slope)


def expected_order_value(
    model: GammaGamma, frequency: ArrayLike, monetary: ArrayLike
) -> Floats:
    """The mean of the purchases to come (equation 5 of the note).

    It lies between the customer's own mean and that of all; who has no purchase yet
    gets the latter. NaN when q <= 1, where the mean of all is infinite.
    """
    x = np.asarray(frequency, np.float64)
    spent = np.where(x > 0, x * np.asarray(monetary, np.float64), 0.0)
    p, q, gamma = model
    if q <= 1:
        return np.full(x.shape, np.nan)
    return np.asarray(p * (gamma + spent) / (p * x + q - 1))


def spend_bounds(
    model: GammaGamma,
    counted: float,
    purchases: ArrayLike,
    alive: ArrayLike,
    probabilities: ArrayLike,
) -> Floats:
    """The amounts that the spend to come stays below with some probabilities.

    `purchases` are the probabilities of 0, 1, ... purchases of who is still there,
    `alive` the probabilities to be, `counted` the number of purchases whose mean is
    known. One row per probability, one column per value of `alive`, in units of gamma
    plus what those purchases brought: given n more of them the spend is a beta prime
    (p n, p x + q) of that unit.
    """
    p, q, _ = model
    chances = np.asarray(purchases, np.float64)
    numbers, masses = _representatives(chances)
    shapes = p * numbers
    known = p * counted + q
    low = float(betaincinv(shapes[0], known, 1e-4))
    high = float(betaincinv(shapes[-1], known, 1 - 1e-4))
    low, high = low / (1 - low), high / (1 - high)
    amounts = np.geomspace(max(low, high * 1e-9), high, 64)
    above = betainc(known, shapes[None, :], 1 / (1 + amounts[:, None])) @ masses
    # P(spend > s) = alive * above(s): search where it falls to 1 - probability.
    rest = 1 - np.asarray(probabilities, np.float64)[:, None]
    wanted = rest / np.maximum(np.asarray(alive, np.float64), 1e-12)
    found = np.exp(np.interp(wanted, above[::-1], np.log(amounts[::-1])))
    return np.where(wanted >= masses.sum(), 0.0, found)


def _representatives(chances: Floats, most: int = 24) -> tuple[Floats, Floats]:
    """At most 24 numbers of purchases with their probabilities, from 1 upwards."""
    numbers, masses = np.arange(1, len(chances), dtype=np.float64), chances[1:]
    if len(numbers) <= most:
        return numbers, masses
    reached = np.cumsum(masses) / max(float(masses.sum()), 1e-300)
    box = np.minimum((reached * most).astype(np.int64), most - 1)
    weight = np.bincount(box, masses, minlength=most)
    middle = np.bincount(box, masses * numbers, minlength=most)
    kept = weight > 0
    return np.asarray(middle[kept] / weight[kept]), np.asarray(weight[kept], np.float64)
