"""The golden deliveries of vendors, and what must come of them.

`<vendor>/landing/` is laid out as a firm lands it. `<vendor>/<feed>.csv` are the rows
in our own columns, written by hand from the vendor's documentation, and
`<vendor>/quarantine.csv` the lines that must not be loaded.
"""

import csv
import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingest.feeds import FEEDS, FeedSpec
from dagster_project.ingest.file_set import file_set, raw_relations
from dagster_project.ingest.grammar.source_spec import SourceSpec, load_sources
from dagster_project.ingest.load import ingest
from dagster_project.ingest.personal import email_hash, phone_hash
from dagster_project.settings import REPOSITORY, Settings
from dagster_project.warehouse import identifier, parquet_list

FOLDER = Path(__file__).parent
SEEN_AT = datetime(2026, 11, 21, 2, 0)
PEPPER = "pepper"

Row = dict[str, Any]


def vendors() -> list[str]:
    """Those with golden rows in our own columns."""
    folders = (path.parent for path in FOLDER.glob("*/landing"))
    return sorted(folder.name for folder in folders if golden_files(folder.name))


def golden_files(vendor: str) -> dict[str, Path]:
    """The golden rows of each feed that the vendor delivers."""
    paths = {path.stem: path for path in (FOLDER / vendor).glob("*.csv")}
    return {feed: paths[feed] for feed in sorted(paths) if feed in FEEDS}


def home_of(folder: Path, landings: Iterable[Path]) -> Settings:
    """An empty home, into whose landing folder the files of others are copied."""
    settings = Settings(
        home=folder / "home",
        landing=folder / "landing",
        pepper=PEPPER,
        settle_seconds=0,
    )
    (folder / "landing").mkdir(parents=True)
    for landing in landings:
        shutil.copytree(landing, folder / "landing", dirs_exist_ok=True)
    return settings


def shipped_sources() -> list[SourceSpec]:
    return load_sources(REPOSITORY / "sources")


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def raw_rows(settings: Settings, feed: FeedSpec) -> list[Row]:
    """The raw rows of a feed without where they came from, in a fixed order."""
    files = raw_relations(settings, file_set(settings))[feed.name]
    if not files:
        return []
    names = [name for name in feed.columns if not name.startswith("_")]
    columns = ", ".join(identifier(name) for name in names)
    found = duckdb.execute(f"select {columns} from read_parquet({parquet_list(files)})")
    kinds = feed.fields
    return in_order(
        {
            name: _comparable(kinds.get(name), value)
            for name, value in zip(names, row, strict=True)
        }
        for row in found.fetchall()
    )


def expected_rows(feed: FeedSpec, path: Path) -> list[Row]:
    """Golden rows as raw rows: typed, personal values hashed."""
    return in_order(_as_raw(feed, row) for row in read_csv(path))


def quarantined(settings: Settings) -> list[tuple[str, int, str]]:
    files = sorted(settings.home.glob("raw/quarantine/*.parquet"))
    if not files:
        return []
    return duckdb.execute(
        f"""select path, line, reason from read_parquet({parquet_list(files)})
        order by all"""
    ).fetchall()


def expected_quarantine(vendor: str) -> list[tuple[str, int, str]]:
    path = FOLDER / vendor / "quarantine.csv"
    rows = read_csv(path) if path.exists() else []
    return sorted((row["path"], int(row["line"]), row["reason"]) for row in rows)


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def load(settings: Settings, sources: list[SourceSpec]) -> None:
    ingest(settings, sources, seen_at=SEEN_AT)


def _as_raw(feed: FeedSpec, row: Row) -> Row:
    raw: Row = {}
    for name, kind in feed.fields.items():
        text = row.get(name) or None
        if kind == "email":
            has_one = text is not None and "@" in text
            raw["email_hash"] = email_hash(PEPPER.encode(), text) if has_one else None
            raw["email_domain"] = text.split("@")[1].lower() if has_one else None
        elif kind == "phone":
            raw["phone_hash"] = phone_hash(PEPPER.encode(), text) if text else None
        elif kind != "name":
            raw[name] = _comparable(kind, text)
    return raw


def _comparable(kind: str | None, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case "decimal" | "integer":
            return Decimal(str(value)).normalize()
        case "timestamp":
            return _moment(value)
        case "json" | "traits":
            return json.loads(value)
    return str(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
