"""The raw files of a night: which files count, and where their rows lie."""

from collections.abc import Iterable
from pathlib import Path

from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.ledger import LedgerRow, newest_snapshots, open_ledger
from dagster_project.ingest.raw_files import raw_path
from dagster_project.settings import Settings


def file_set(settings: Settings) -> list[LedgerRow]:
    """The loaded files that are neither superseded nor withdrawn, by delivery."""
    with open_ledger(settings) as ledger:
        return ledger.rows("loaded")


def raw_relations(
    settings: Settings, files: Iterable[LedgerRow]
) -> dict[str, list[Path]]:
    """The Parquet files of each feed; an empty list for an absent feed.

    Of the full snapshots of one source only the newest counts: what it does not name
    is deleted.
    """
    relations: dict[str, list[Path]] = {feed: [] for feed in FEEDS}
    files = list(files)
    newest = newest_snapshots(files)
    for row in files:
        if row.delivery != "full_snapshot" or newest[row.source] == row.file_id:
            relations[row.feed].append(_path(settings, row.feed, row))
    return {feed: sorted(paths) for feed, paths in relations.items()}


def quarantine_paths(settings: Settings, files: Iterable[LedgerRow]) -> list[Path]:
    """The Parquet files with the quarantined rows of these files."""
    rows = [row for row in files if row.quarantined]
    return sorted(_path(settings, "quarantine", row) for row in rows)


def personal_paths(settings: Settings, files: Iterable[LedgerRow]) -> list[Path]:
    """The Parquet files with the clear personal values of these files."""
    paths = (_path(settings, "pii", row) for row in files)
    return sorted(path for path in paths if path.exists())


def _path(settings: Settings, kind: str, row: LedgerRow) -> Path:
    return raw_path(settings.home, kind, row.file_id)
