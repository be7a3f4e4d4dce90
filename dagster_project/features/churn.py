"""Churn as a calibrated logistic regression: the fit.

When a model is fitted and whether it replaces another is decided in churn_champion.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.features import churn_encoding as encoding
from dagster_project.features.churn_encoding import Level, Number, significant
from dagster_project.features.churn_model import ChurnModel

__all__ = ["ChurnModel", "calibrate", "fit"]

# The penalty of the squared weights, as scikit-learn has it: weights stay finite with
# 50 leavers; 0.1 moves the area under the curve of 7,043 customers by less than 0.001.
C = 1.0


def fit(
    frame: Any,
    target: str,
    numeric: Mapping[str, str] | Sequence[str],
    categorical: Sequence[str] = (),
) -> ChurnModel:
    """A model of the column `target` (1 or true = left), not yet calibrated.

    `numeric` names the numbers, with `log` or `plain` as their shape (plain when there
    is none); a value that is not known has a weight of its own. The same rows in the
    same order give the same model. Raises ValueError when nobody or everybody left.
    """
    table = encoding.as_table(frame)
    shapes = (
        numeric if isinstance(numeric, Mapping) else dict.fromkeys(numeric, "plain")
    )
    numbers = _numbers(table, shapes)
    levels = [
        level
        for feature in categorical
        for level in encoding.learn_levels(feature, encoding.texts(table, feature))
    ]
    left = table[target].cast(pa.int8()).to_numpy()
    if len(np.unique(left)) < 2:
        raise ValueError(
            f"{target}: nobody or everybody left, there is nothing to learn"
        )
    weights, intercept = _regression(encoding.matrix(table, numbers, levels), left, C)
    return _assembled(numbers, levels, weights, intercept)


def _numbers(table: pa.Table, shapes: Mapping[str, str]) -> list[Number]:
    """The axes; of numbers that are missing together one has a weight for that."""
    numbers: list[Number] = []
    seen: set[bytes] = set()
    for feature, shape in shapes.items():
        values = encoding.shaped(table, feature, shape)
        if number := encoding.learn_number(feature, shape, values):
            pattern = np.isnan(values).tobytes()
            again = number.is_sometimes_missing and pattern in seen
            numbers.append(
                replace(number, is_sometimes_missing=False) if again else number
            )
            seen.add(pattern)
    return numbers


def calibrate(model: ChurnModel, frame: Any, target: str) -> ChurnModel:
    """The model with Platt's two numbers (1999), from rows it was not fitted on."""
    table = encoding.as_table(frame)
    bare = replace(model, slope=1.0, offset=0.0).predict(table)
    left = table[target].cast(pa.int8()).to_numpy()
    odds = np.log(bare / (1 - bare)).reshape(-1, 1)
    weights, offset = _regression(odds, left, math.inf)
    return replace(model, slope=significant(weights[0]), offset=significant(offset))


def _regression(rows: np.ndarray, left: np.ndarray, c: float) -> tuple[Any, float]:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    # Sums in one order: with more threads the last digits differ.
    with threadpool_limits(1):
        solved = LogisticRegression(C=c, solver="newton-cholesky").fit(rows, left)
    return solved.coef_[0], float(solved.intercept_[0])


def _assembled(
    numbers: list[Number], levels: list[Level], weights: Any, intercept: float
) -> ChurnModel:
    given = iter(significant(weight) for weight in weights)
    numbers = [replace(one, weight=next(given)) for one in numbers]
    numbers = [
        replace(one, missing=next(given)) if one.is_sometimes_missing else one
        for one in numbers
    ]
    levels = [replace(level, weight=next(given)) for level in levels]
    return ChurnModel(significant(intercept), tuple(numbers), tuple(levels))
