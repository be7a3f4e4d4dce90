"""The log of one night: what it did, as it did it, for people who look later.

Plain text below `$HOME/logs`. It names files, lines and reasons, never a delivered
value. What is decided is not decided here.
"""

import os
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from dagster_project.gates.checks import CheckResult
from dagster_project.ingest.file_set import quarantine_paths
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.ingest.outcome import IngestResult
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, parquet_list

KEPT_NIGHTS = 60

# A reason names a column and what was wrong with it; the row itself is not shown.
REJECTS = r"""
with rejects as (
    select row_number() over (order by path, line, reason) - 1 as place,
        regexp_replace(concat(path, ':', line, ': ', reason), '[[:cntrl:]]', '?', 'g')
            as reject
    from read_parquet({paths}, union_by_name = true)
)
select string_agg('  ' || reject, chr(10) order by place) from rejects
group by place // 10000 order by place // 10000
"""


class NightLog:
    """The open log of one attempt at a night; every line is on disk once written."""

    def __init__(self, settings: Settings, as_of: date, run_id: str) -> None:
        """Begins the log, or goes on with that of the same run."""
        self.settings = settings
        self.path = log_folder(settings) / f"{as_of}-{run_id[:8]}.log"
        self._started = time.monotonic()
        self._file: TextIO = _open(self.path)
        zone = f"business days of {settings.timezone}"
        self.write(f"night of {as_of}, run {run_id}, times in UTC, {zone}")
        prune_logs(settings)

    def write(self, line: str) -> None:
        """One line with its time."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        self._put(f"{now}  {_visible(line)}")

    def stage(self, name: str) -> None:
        """A stage begins, so many seconds after the night."""
        seconds = time.monotonic() - self._started
        self.write(f"== {name} (after {seconds:.1f} s)")

    def deliveries(
        self, result: IngestResult, ledger: Iterable[LedgerRow], known: set[str]
    ) -> None:
        """What an ingest said nothing of, and every row that was not loaded.

        `known` are the files that the release before was made of: their rows are in
        the log of their own night.
        """
        told = {one.row.file_id for one in result.files if one.is_new}
        fresh = [row for row in ledger if row.file_id not in known - told]
        for row in fresh:
            if row.file_id not in told and row.status in ("loaded", "rejected"):
                self.write(_told(row))
        for one in result.files:
            if one.row.status == "withdrawn":
                self.write(f"{_told(one.row)}; not read, though it is in landing")
        for path in result.unclaimed:
            self.write(f"no source reads {path}")
        for reason in result.failures:
            self.write(f"required source {reason}")
        self._rejects([row for row in fresh if row.status == "loaded"])

    def checks(self, results: Sequence[CheckResult]) -> None:
        """How many checks passed, and what the others saw."""
        for result in (one for one in results if not one.passed):
            self.write(
                f"check {result.table_name} {result.check_name} failed "
                f"({result.severity}): {result.observed}, expected {result.expected}"
            )
        passed = sum(result.passed for result in results)
        if results:
            self.write(f"{passed:,} of {len(results):,} checks passed")

    def decision(self, decision: str, reasons: Iterable[str]) -> None:
        """How the night ends."""
        self.write(f"decision: {decision}")
        for reason in reasons:
            self._put(f"  {_visible(reason)}")

    def close(self) -> None:
        """Nothing more will be said."""
        if not self._file.closed:
            self._file.close()

    def _rejects(self, files: list[LedgerRow]) -> None:
        paths = [p for p in quarantine_paths(self.settings, files) if p.exists()]
        if not paths:
            return
        with connect(settings=self.settings) as engine:
            found = engine.execute(REJECTS.format(paths=parquet_list(paths)))
            self.write("rows that were not loaded, by file and physical line:")
            while part := found.fetchone():
                self._put(part[0])

    def _put(self, text: str) -> None:
        try:
            self._file.write(f"{text}\n")
            self._file.flush()
        except (OSError, ValueError):
            # A night does not fail because its log cannot be written.
            return


def log_folder(settings: Settings) -> Path:
    """Where the logs of the nights lie."""
    return settings.home / "logs"


def last_log(settings: Settings) -> Path | None:
    """The log of the newest attempt; None before the first."""
    found = log_folder(settings).glob("*.log")
    return max(found, key=_written_at, default=None)


def prune_logs(settings: Settings, kept: int = KEPT_NIGHTS) -> None:
    """Delete the logs of all nights but those that ran last."""
    logs = sorted(log_folder(settings).glob("*.log"), key=_written_at, reverse=True)
    nights = list(dict.fromkeys(_night(path) for path in logs))
    for path in logs:
        if _night(path) in nights[kept:]:
            path.unlink(missing_ok=True)


def _open(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        handle = os.open(os.devnull, os.O_WRONLY)
    return os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace")


def _night(path: Path) -> str:
    return path.name[: len("2026-11-21")]


def _written_at(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def _told(row: LedgerRow) -> str:
    if row.status != "loaded":
        why = f": {row.reason}" if row.reason else ""
        return f"file {row.path} [{row.source}] {row.status}{why}"
    counts = (
        f"{row.lines:,} lines = {row.loaded:,} loaded + {row.quarantined:,} quarantined"
        f" + {row.known:,} known + {row.blank:,} blank"
    )
    unwanted = f", {row.filtered:,} not wanted" if row.filtered else ""
    note = f" ({row.reason})" if row.reason else ""
    return f"file {row.path} [{row.source}] {counts}{unwanted}{note}"


def _visible(text: str) -> str:
    """One line whatever a delivery is called."""
    flat = str(text).replace("\n", " ")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in flat)
