"""Maximum likelihood over positive parameters. Knows no model."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# The log-likelihood at some parameters with its derivative to each of them.
Likelihood = Callable[[Floats], tuple[float, Floats]]

# exp(-14) to exp(14): whoever ends there has no maximum.
FARTHEST = 14.0


def maximise(likelihood: Likelihood, starts: Sequence[Sequence[float]]) -> Any:
    """The best parameters found from several starts, and their log-likelihood.

    The search is by L-BFGS in the logarithms, so that no parameter can become negative;
    it ends at a bound when the likelihood has no maximum inside.
    """
    from scipy.optimize import minimize

    def loss(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, slope = likelihood(parameters)
        return -value, -slope * parameters

    found = [
        minimize(
            loss,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-FARTHEST, FARTHEST)] * len(start),
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-9},
        )
        for start in starts
    ]
    best = min(found, key=lambda one: float(one.fun))
    return np.exp(best.x), -float(best.fun)


def columns(weights: ArrayLike | None, *values: ArrayLike) -> tuple[Floats, ...]:
    """The values and their weights as arrays of one length.

    Raises ValueError when they are of different lengths, empty, or not numbers >= 0.
    """
    arrays = [np.asarray(value, dtype=np.float64).ravel() for value in values]
    size = len(arrays[0])
    arrays.append(
        np.ones(size) if weights is None else np.asarray(weights, np.float64).ravel()
    )
    if not size or any(len(array) != size for array in arrays):
        raise ValueError("a model needs columns of one length, and not empty ones")
    if not all(np.isfinite(array).all() and (array >= 0).all() for array in arrays):
        raise ValueError("a model needs known numbers that are not negative")
    return tuple(arrays)
