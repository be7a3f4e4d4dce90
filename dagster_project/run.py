"""Whole nights in order, in this process and without the orchestrator."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.night import Night
from dagster_project.publish import pointer
from dagster_project.publish.catalogue import Release
from dagster_project.readings import dates_between
from dagster_project.settings import Settings


def run_night(settings: Settings, as_of: date, **options: Any) -> Release:
    """Run one night and publish it.

    `options` are those of Night. Raises NightHeld when a gate stops it; any other
    SegmentsError means that it failed. Either way the current release stays.
    """
    check_as_of(settings, as_of)
    with Night(settings, as_of, **options) as night:
        night.ingest()
        night.stop_if_broken(night.check_suites("raw"))
        night.stop_if_broken(night.build("prepare")[1])
        night.connect_persons()
        night.stop_if_broken(night.build("features")[1])
        night.score()
        night.stop_if_broken(night.build("scores")[1])
        night.stop_if_broken(night.check_suites("features"))
        night.segment()
        night.stop_if_broken(night.build("marts")[1])
        night.check_suites("marts")
        night.check_night()
        return night.publish()


def nights_from(settings: Settings, first: date, last: date) -> Iterator[date]:
    """The nights to rebuild, in order: from the first to the last or the current one.

    `current` moves once, with the last of them, because an older night never moves it.
    """
    current = pointer.current_release(settings)
    last = max(last, current.as_of) if current else last
    if first > last:
        raise UsageError(f"--from {first} is later than {last}")
    yield from dates_between(first, last)


def yesterday(settings: Settings) -> date:
    """The last business day that is over."""
    return datetime.now(settings.zone).date() - timedelta(days=1)


def check_as_of(settings: Settings, as_of: date) -> None:
    """Raise UsageError for a day that is not over yet or lies before any data."""
    last = yesterday(settings)
    if as_of > last:
        raise UsageError(
            f"--as-of {as_of}: that day is not over in {settings.timezone}; "
            f"the last night that can run is {last}"
        )
    if as_of.year < 2000:
        raise UsageError(f"--as-of {as_of}: nights begin in 2000")
