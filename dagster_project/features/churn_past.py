"""The past of paying customers in three parts, or why it is too small for a model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.features import churn_history
from dagster_project.features.churn_history import customers, leavers, of_dates

# Each half of the tested customers needs this share of the leavers that a fit needs.
TESTED_EVENTS = 0.2

Limits = Mapping[str, float]
Features = tuple[Mapping[str, str], Sequence[str]]


class Refused(Exception):
    """There is too little to learn from or to test with."""


@dataclass(frozen=True)
class Past:
    """Labelled rows: to learn from, to calibrate with, to judge by."""

    learned: pa.Table
    calibrating: pa.Table
    judging: pa.Table
    dates: churn_history.Split


def past(
    connection: duckdb.DuckDBPyConnection,
    dates: Sequence[date],
    limits: Limits,
    features: Features,
) -> Past:
    """The labelled rows. Raises Refused when they are too few."""
    if len(dates) < limits["minimum_dates"]:
        least = int(limits["minimum_dates"])
        raise Refused(f"{len(dates)} month-ends have an outcome, {least} are needed")
    parts = churn_history.split(dates, int(limits["within_days"]))
    rows = churn_history.rows_of(connection, [*parts.learned, *parts.tested], *features)
    tested = of_dates(rows, parts.tested)
    found = Past(
        of_dates(rows, parts.learned),
        tested.filter(tested["calibrates"]),
        tested.filter(pc.invert(tested["calibrates"])),
        parts,
    )
    _check_size(found, limits)
    return found


def _check_size(found: Past, limits: Limits) -> None:
    least = int(limits["minimum_customers"])
    if customers(found.learned) < least:
        have = customers(found.learned)
        raise Refused(f"{have} customers to learn from, {least} are needed")
    events = int(limits["minimum_events"])
    wanted = [(found.learned, events, "to learn from")]
    few = math.ceil(TESTED_EVENTS * events)
    wanted += [
        (found.calibrating, few, "to calibrate"),
        (found.judging, few, "to test"),
    ]
    for rows, enough, use in wanted:
        if leavers(rows) < enough:
            have = leavers(rows)
            raise Refused(f"{have} customers that left {use}, {enough} are needed")
        if pc.all(rows["has_left"]).as_py():
            raise Refused(f"every customer {use} left")
