"""The space clusters live in: what one coordinate is, and its SQL.

No fitting of clusters and no reading of customers here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.warehouse import identifier

if TYPE_CHECKING:
    from dagster_project.segmentation.spec import ClusterFeature

SIGNIFICANT_DIGITS = 9
WINSORISED = {"log", "robust"}
WINSOR_PERCENTILES = (1, 99)


@dataclass(frozen=True)
class Axis:
    """One coordinate: how a feature is shaped, cut, scaled and weighted.

    `low`, `high`, `center` and `scale` are in shaped units (after the logarithm),
    `fill_value` in the feature's own.
    """

    feature: str
    transform: str
    weight: float
    center: float = 0.0
    scale: float = 1.0
    low: float | None = None
    high: float | None = None
    fill_value: float | None = None

    @property
    def stretch(self) -> float:
        """A feature of weight 2 counts like two equal features of weight 1."""
        return significant(math.sqrt(self.weight))


def significant(value: float) -> float:
    """The value at nine significant digits, so that it survives text and back."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0


def number(value: float) -> str:
    """A number as a SQL DOUBLE: without the cast DuckDB would read a DECIMAL."""
    return f"cast('{value!r}' as double)"


def plain(value: float | None) -> str | None:
    """A number as people write it: `1200`, `0.25`."""
    if value is None:
        return None
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def fit_axis(feature: "ClusterFeature", raw: np.ndarray, shaped: np.ndarray) -> Axis:
    """The coordinate of a feature from a sample of its values (NaN = not known).

    `log` and `robust` cut at the 1st and 99th percentile and scale by the
    interquartile range or, where that is wider, the standard deviation (1 if both are
    0); `standard` is the textbook z-score; `none` leaves the values alone.
    """
    fills = {"median": _median(raw), "zero": 0.0}
    fill = None if feature.fill is None else fills[str(feature.fill)]
    known = shaped[~np.isnan(shaped)]
    base = Axis(feature.feature, feature.transform, feature.weight, fill_value=fill)
    if not known.size or feature.transform == "none":
        return base
    if feature.transform not in WINSORISED:
        scale = significant(float(known.std())) or 1.0
        return replace(base, center=significant(float(known.mean())), scale=scale)
    low, high = (significant(x) for x in np.percentile(known, WINSOR_PERCENTILES))
    cut = np.clip(known, low, high)
    first, median, third = np.percentile(cut, (25, 50, 75))
    # Small counts have a narrow middle: scaled by it, one session more or less would
    # outweigh all other features.
    spread = significant(max(float(third - first), float(cut.std()))) or 1.0
    center = significant(float(median))
    return replace(base, center=center, scale=spread, low=low, high=high)


def shaped_sql(feature: str, transform: str, value: str | None = None) -> str:
    """A feature in shaped units: the signed logarithm, or the value itself."""
    value = value or f"cast({identifier(feature)} as double)"
    if transform == "log":
        return f"sign({value}) * ln(1 + abs({value}))"
    return value


def coordinate_sql(axis: Axis) -> str:
    """The coordinate of one customer as a DOUBLE; NULL where it is not known."""
    value = f"cast({identifier(axis.feature)} as double)"
    if axis.fill_value is not None:
        value = f"coalesce({value}, {number(axis.fill_value)})"
    shaped = shaped_sql(axis.feature, axis.transform, value)
    if axis.low is not None and axis.high is not None:
        shaped = f"least(greatest({shaped}, {number(axis.low)}), {number(axis.high)})"
    scaled = f"({shaped} - {number(axis.center)}) / {number(axis.scale)}"
    return scaled if axis.stretch == 1.0 else f"{scaled} * {number(axis.stretch)}"


def eligible_sql(features: Sequence["ClusterFeature"], min_coverage: float) -> str:
    """Whether a customer has a place of its own.

    Enough features must be known, and each without a fill: below that a customer
    would be put where the fill values lie.
    """
    least = math.ceil(min_coverage * len(features))
    needed = [f"{identifier(f.feature)} is not null" for f in features if not f.fill]
    return " and ".join([f"({known_sql(features)}) >= {least}", *needed])


def known_sql(features: Sequence["ClusterFeature"]) -> str:
    """How many of the features are known for a customer."""
    return " + ".join(f"({identifier(f.feature)} is not null)::int" for f in features)


def _median(raw: np.ndarray) -> float:
    known = raw[~np.isnan(raw)]
    return significant(float(np.median(known))) if known.size else 0.0
