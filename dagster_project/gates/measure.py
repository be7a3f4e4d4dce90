"""How far one number is from where it was. Knows no bounds and no tables."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One comparison of tonight with a baseline.

    `change` is None when there is no baseline; `size` is how much stands behind it.
    `excused` says why even a large change only warns.
    """

    table: str
    observed: str
    baseline: str
    change: float | None
    size: float
    part: str = ""
    column: str | None = None
    sample: str = ""
    excused: str = ""


def times(now: float | None, before: float | None) -> float | None:
    """How many times more, or less: 3 is tripled or fallen to a third.

    None without a baseline; infinite from or to zero (a lost number counts as zero).
    """
    if before is None:
        return None
    low, high = sorted((abs(now or 0), abs(before)))
    return 1.0 if low == high else high / low if low else math.inf


def number(value: object) -> float | None:
    """A number of the engine (DECIMAL, BIGINT, DOUBLE) to compare with."""
    return None if value is None else float(str(value))


def shown(value: object) -> str:
    """A number as a reader wants it: `12,345.6`, or `unknown`."""
    figure = number(value)
    if figure is None:
        return "unknown"
    return f"{figure:,.2f}".rstrip("0").rstrip(".")
