"""The golden rows of all vendors, delivered as a firm delivers our own columns."""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import yaml

from dagster_project.ingest.feeds import FEEDS
from tests.declarations.vendors.vendor_world import Row, golden_files, read_csv

#: The feeds of which each id comes once; of the others a later version wins.
EVENTS = ("web_events", "invoice_lines")


def deliver_own_columns(landing: Path, vendors: Iterable[str]) -> None:
    """Events as JSON lines, the rest as CSV, below `own/<feed>/`.

    The second version of an id is a second delivery, as nothing else orders them.
    """
    for vendor in vendors:
        for feed, path in golden_files(vendor).items():
            for number, rows in _deliveries(feed, read_csv(path)).items():
                _write(landing / "own" / feed / f"{vendor}-{number}", feed, rows)


def declare_own_columns(folder: Path, feeds: Iterable[str]) -> None:
    """A declaration without `fields` for each feed."""
    folder.mkdir(parents=True)
    for feed in feeds:
        body = {
            "feed": feed,
            "path": f"own/{feed}/*",
            "format": "jsonl" if feed == "web_events" else "csv",
            "delivery": "events" if feed in EVENTS else "upserts",
        }
        (folder / f"{feed}.yml").write_text(yaml.safe_dump(body))


def _deliveries(feed: str, rows: list[Row]) -> dict[int, list[Row]]:
    times: Counter[tuple[str, ...]] = Counter()
    deliveries: dict[int, list[Row]] = {}
    for row in rows:
        key = tuple(row.get(name, "") for name in FEEDS[feed].id)
        times[key] += 1
        deliveries.setdefault(times[key], []).append(row)
    return deliveries


def _write(path: Path, feed: str, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if feed == "web_events":
        lines = (json.dumps(_event(row), ensure_ascii=False) + "\n" for row in rows)
        path.with_suffix(".jsonl").write_text("".join(lines), encoding="utf-8")
        return
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _event(row: Row) -> Row:
    return {
        name: json.loads(text) if name in ("properties", "traits") else text
        for name, text in row.items()
        if text
    }
