"""What sets each segment apart from the base: the features with the largest lift."""

import math
from dataclasses import dataclass
from typing import Any

from dagster_project.report import words
from dagster_project.report.measures import Measure, measure
from dagster_project.report.published import Published
from dagster_project.report.segments import Model, Segment

FEATURES_SHOWN = 8
# A lift beyond 16 times says no more about how well a feature separates.
LARGEST_STEP = 4.0
# Borders of the colour steps, as powers of two: a tenth is noise, twice is strong.
STEPS = (0.15, 0.5, 1.0)


@dataclass(frozen=True)
class Cell:
    """The mean of one feature in one segment and its ratio to the base."""

    measure: Measure
    mean: str
    lift: str
    shade: int
    in_words: str


@dataclass(frozen=True)
class Profile:
    """One heat table: a row per segment, a column per feature."""

    measures: list[Measure]
    base: list[str]
    rows: list[tuple[Segment, list[Cell] | None]]


def profiles(
    published: Published, models: list[Model], currency: str | None
) -> dict[str, Profile]:
    """The heat table of each model that has profiles."""
    rows = published.rows(
        """select * from {segment_profiles}
        where model is not null and segment is not null and feature is not null
        order by model, feature, segment"""
    )
    found = {}
    for model in models:
        own = [row for row in rows if row["model"] == model.name]
        if own:
            found[model.name] = _profile(model, own, currency)
    return found


def _profile(model: Model, rows: list[dict[str, Any]], currency: str | None) -> Profile:
    measures = [measure(name) for name in _most_telling(rows)]
    by_cell = {(row["segment"], row["feature"]): row for row in rows}
    bases = {row["feature"]: row["base_mean"] for row in rows}
    segments = [segment for segment in model.segments if segment.customers]
    return Profile(
        measures=measures,
        base=[each.text(bases[each.name], currency) for each in measures],
        rows=[
            (
                segment,
                None
                if segment.is_small
                else [
                    _cell(each, by_cell.get((segment.name, each.name)), currency)
                    for each in measures
                ],
            )
            for segment in segments
        ],
    )


def _most_telling(rows: list[dict[str, Any]]) -> list[str]:
    """Features by the mean distance of their segments from the base, in doublings."""
    distance: dict[str, float] = {}
    weight: dict[str, float] = {}
    for row in rows:
        step = _step(row)
        if step is not None:
            name, known = row["feature"], float(row["known"] or row["customers"] or 0)
            distance[name] = distance.get(name, 0.0) + known * abs(step)
            weight[name] = weight.get(name, 0.0) + known
    ranked = sorted(
        (name for name in distance if weight[name]),
        key=lambda name: (-round(distance[name] / weight[name], 6), name),
    )
    return ranked[:FEATURES_SHOWN]


def _step(row: dict[str, Any] | None) -> float | None:
    """The lift in doublings; none where the base is no quantity to compare with."""
    if row is None or not words.is_known(row["lift"]) or row["lift"] < 0:
        return None
    if not words.is_known(row["base_mean"]) or row["base_mean"] <= 0:
        return None
    if row["lift"] == 0:
        return -LARGEST_STEP
    return max(-LARGEST_STEP, min(LARGEST_STEP, math.log2(row["lift"])))


def _cell(kind: Measure, row: dict[str, Any] | None, currency: str | None) -> Cell:
    mean = kind.text(row["mean"] if row else None, currency)
    step = _step(row)
    if row is None or step is None or mean == words.UNKNOWN:
        return Cell(kind, mean, "", 0, mean)
    shade = sum(abs(step) >= border for border in STEPS) * (1 if step > 0 else -1)
    lift = words.ratio(row["lift"])
    return Cell(kind, mean, lift, shade, f"{mean}, {lift} the base")
