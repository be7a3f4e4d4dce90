"""Which file holds which days of which feed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
# The initial export comes by the month; the last two weeks came day by day.
DAILY = timedelta(days=14)


@dataclass(frozen=True)
class Delivery:
    """One day, or one month of the initial export."""

    label: str
    first: date
    last: date


def months(since: date, until: date) -> Iterator[list[Delivery]]:
    """The deliveries of a window, month by month."""
    first = since
    while first <= until:
        next_month = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        last = min(next_month - DAY, until)
        if next_month - DAY <= until - DAILY:
            yield [Delivery(f"{first:%Y-%m}", first, last)]
        else:
            yield days(first, last)
        first = last + DAY


def days(first: date, last: date) -> list[Delivery]:
    """One delivery for each day."""
    dates = [first + DAY * n for n in range((last - first).days + 1)]
    return [Delivery(day.isoformat(), day, day) for day in dates]
