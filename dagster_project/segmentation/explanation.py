"""What an explanation consists of. Nothing is read or judged here."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CheckedComparison:
    """One comparison of a rule with the customer's values.

    `holds` is None when it cannot be told.
    """

    words: str
    values: dict[str, str]
    holds: bool | None


@dataclass(frozen=True)
class TriedRule:
    """One rule that was tried, in the order of the declaration."""

    segment: str
    words: str
    holds: bool | None
    comparisons: tuple[CheckedComparison, ...]


@dataclass(frozen=True)
class Trait:
    """A feature by which the customer's cluster differs from the next one.

    The typical values are the clusters' own, in the unit of the feature.
    """

    feature: str
    words: str
    value: str | None
    typical: float | None
    typical_of_next: float | None


@dataclass(frozen=True)
class Explanation:
    """Why a customer is in one segment of one model.

    `assigned` is the stored row; `segment_now` is what the rules as declared today
    give (None where they cannot be asked), another one than `segment` when the
    definition was changed after the release.
    """

    model: str
    title: str | None
    kind: str | None
    segment: str
    means: str | None
    assigned: dict[str, Any]
    reason: str | None
    tried: tuple[TriedRule, ...] = ()
    traits: tuple[Trait, ...] = ()
    segment_now: str | None = None
