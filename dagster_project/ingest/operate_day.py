"""Whether a business day is complete: its night may run before the fallback does.

Looks at the landing folder and the ledger; what is new there is read, under the lock.
The orchestrator only asks.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from dagster_project.errors import AnotherRunInProgress
from dagster_project.ingest.discovery import UNFINISHED, is_delivery
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import Ledger, LedgerRow, ledger_path, open_ledger
from dagster_project.ingest.load import ingest
from dagster_project.publish.lock import night_lock
from dagster_project.settings import Settings

#: Nothing may have arrived for so long.
QUIET = timedelta(minutes=15)
#: What is read for a look; more is left to the night.
READ_SECONDS = 40.0
READ_BYTES = 1_000_000_000

Clock = Callable[[], float]


@dataclass(frozen=True)
class Completeness:
    """Whether a day is complete, and if not, what it waits for."""

    as_of: date
    is_complete: bool
    reason: str


def day_complete(
    settings: Settings,
    sources: list[SourceSpec],
    now: datetime,
    clock: Clock = time.monotonic,
) -> Completeness:
    """Whether everything that is required of yesterday has arrived.

    `now` has a zone; yesterday is that of the business zone. Complete is: the day is
    over, no file came for 15 minutes, none is being written, and every required source
    has a loaded file with rows of that day. New files are read to know that, for at
    most `READ_SECONDS` by `clock` (checked between sources).
    """
    as_of = now.astimezone(settings.zone).date() - timedelta(days=1)

    def waiting(reason: str) -> Completeness:
        return Completeness(as_of, False, reason)

    required = [source for source in sources if source.required]
    if not required:
        return waiting("no source is required: nothing says when a day is complete")
    if reason := _unrest(settings.landing_folder, now):
        return waiting(reason)
    missing = missing_sources(settings, required, as_of)
    if missing and (reason := _read_what_is_new(settings, missing, clock)):
        return waiting(reason)
    if missing := missing_sources(settings, missing, as_of):
        names = ", ".join(source.name for source in missing)
        return waiting(f"no data of {as_of} yet: {names}")
    names = ", ".join(source.name for source in required)
    return Completeness(as_of, True, f"data of {as_of} has come: {names}")


def missing_sources(
    settings: Settings, sources: Iterable[SourceSpec], as_of: date
) -> list[SourceSpec]:
    """Those without a loaded file that has rows of this day.

    A feed without a business date has data of the day when a file came on it or later.
    """
    rows = _loaded(settings)
    return [
        source
        for source in sources
        if not any(_has_day(settings, source, row, as_of) for row in rows)
    ]


def _has_day(
    settings: Settings, source: SourceSpec, row: LedgerRow, as_of: date
) -> bool:
    if row.source != source.name:
        return False
    if source.feed_spec.business_date:
        return as_of in row.dates
    return row.first_seen_at.date() >= as_of


def _loaded(settings: Settings) -> list[LedgerRow]:
    if not ledger_path(settings).exists():
        return []
    with open_ledger(settings) as ledger:
        return ledger.rows("loaded")


def _unrest(landing: Path, now: datetime) -> str | None:
    """What is still moving in the landing folder."""
    if not landing.is_dir():
        return f"{landing}: no landing folder"
    newest, name = 0.0, ""
    for path in landing.rglob("*"):
        if path.suffix in UNFINISHED and path.is_file():
            return f"{path.relative_to(landing)} is being written"
        if is_delivery(path, landing):
            stat = path.stat()
            # A copy may keep the time of its original; the change of it may not.
            moved = max(stat.st_mtime, stat.st_ctime)
            newest, name = max((newest, name), (moved, path.name))
    quiet = now.timestamp() - newest
    if name and quiet < QUIET.total_seconds():
        minutes = max(int(quiet // 60), 0)
        return f"a file came {minutes} minutes ago: {name}"
    return None


def _read_what_is_new(
    settings: Settings, sources: list[SourceSpec], clock: Clock
) -> str | None:
    """Read new files of these sources; why not, when there is too much or no time."""
    unread = _unread_bytes(settings, sources)
    if unread > READ_BYTES:
        gigabytes = unread / 1e9
        return f"{gigabytes:.1f} GB are new, too much for a look: the night reads them"
    if not unread:
        return None
    started = clock()
    try:
        with night_lock(settings, "looking whether the day is complete", 0):
            for number, source in enumerate(sources):
                if number and clock() - started > READ_SECONDS:
                    return "reading what is new, to be continued"
                ingest(settings, [source])
    except AnotherRunInProgress as busy:
        return str(busy)
    return None


def _unread_bytes(settings: Settings, sources: list[SourceSpec]) -> int:
    """The size of the files whose content was never looked at."""
    landing = settings.landing_folder
    known: dict[str, tuple[int, int, int, str]] = {}
    if ledger_path(settings).exists():
        with Ledger(ledger_path(settings)) as ledger:
            known = ledger.contents()
    paths = {path for source in sources for path in landing.glob(source.path)}
    unread = 0
    for path in paths:
        if is_delivery(path, landing):
            stat = path.stat()
            stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
            held = known.get(path.relative_to(landing).as_posix())
            if held is None or held[:3] != stamp:
                unread += max(stat.st_size, 1)
    return unread
