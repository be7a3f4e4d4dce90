"""How a table of customers becomes the matrix that a churn model is fitted on.

Every number is rounded to nine significant digits before it is used, so that a model
read back from a release is the one that was fitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

WINSOR_PERCENTILES = (1, 99)
# A level of a category with fewer customers says more about them than about it.
RARE_SHARE, RARE_ROWS = 0.005, 10
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Number:
    """A number in shaped units: cut, centred, scaled, and what each unit weighs.

    `weight` is in log-odds per standard deviation, `missing` in log-odds when the
    value is not known.
    """

    feature: str
    shape: str
    low: float
    high: float
    center: float
    scale: float
    is_sometimes_missing: bool
    weight: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True)
class Level:
    """One value of a category with its weight in log-odds."""

    feature: str
    value: str
    weight: float = 0.0


def significant(value: float) -> float:
    """The value at nine significant digits: what a release keeps of it."""
    return float(f"{value:.9g}") + 0.0


def as_table(frame: Any) -> pa.Table:
    """Columns by name as one table: of a data frame, of lists or of arrays."""
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, Mapping):
        return pa.table(dict(frame))
    return pa.Table.from_pandas(frame, preserve_index=False)


def shaped(table: pa.Table, feature: str, shape: str) -> np.ndarray:
    """A column in shaped units; NaN where it is not known."""
    values = table[feature].cast(pa.float64()).to_numpy()
    return np.sign(values) * np.log1p(np.abs(values)) if shape == "log" else values


def texts(table: pa.Table, feature: str) -> np.ndarray:
    """A category as texts."""
    return np.asarray(table[feature].cast(pa.string()).fill_null(UNKNOWN).to_pylist())


def learn_number(feature: str, shape: str, values: np.ndarray) -> Number | None:
    """The axis of a number from its shaped values; None when it tells nobody apart.

    Cut at the 1st and 99th percentile or, where these are the same, not at all: an
    event of one customer in two hundred would vanish.
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    low, high = (significant(x) for x in np.percentile(known, WINSOR_PERCENTILES))
    if low == high:
        low, high = significant(known.min()), significant(known.max())
    cut = np.clip(known, low, high)
    center, scale = significant(cut.mean()), significant(cut.std())
    if not scale:
        return None
    return Number(feature, shape, low, high, center, scale, len(known) < len(values))


def learn_levels(feature: str, values: np.ndarray) -> list[Level]:
    """The levels of a category that enough customers have."""
    names, counts = np.unique(values, return_counts=True)
    least = max(RARE_ROWS, RARE_SHARE * len(values))
    pairs = zip(names, counts, strict=True)
    return [Level(feature, str(n)) for n, c in pairs if c >= least]


def matrix(
    table: pa.Table, numbers: Sequence[Number], levels: Sequence[Level]
) -> np.ndarray:
    """Rows x columns: the numbers, then those that are missing, then the levels."""
    columns, missing = [], []
    for number in numbers:
        values = shaped(table, number.feature, number.shape)
        cut = (np.clip(values, number.low, number.high) - number.center) / number.scale
        columns.append(np.nan_to_num(cut, nan=0.0))
        if number.is_sometimes_missing:
            missing.append(np.isnan(values).astype(float))
    found = {feature: texts(table, feature) for feature in {x.feature for x in levels}}
    is_level = [(found[x.feature] == x.value).astype(float) for x in levels]
    every = [*columns, *missing, *is_level]
    return np.column_stack(every) if every else np.zeros((len(table), 0))
