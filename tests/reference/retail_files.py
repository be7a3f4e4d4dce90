"""Reads the bundled retail files and finds the data sets they were made from.

Plain Python on the files alone; no tests here.
"""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LANDING = ROOT / "samples" / "retail" / "landing"
DATA = ROOT.parent / "shared" / "data"

Row = dict[str, str]

needs_sources = pytest.mark.skipif(
    not DATA.is_dir(), reason="the original data sets (../shared/data) are not here"
)


def content(path: Path) -> bytes:
    """What a delivery holds, without its compression."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def rows_of(path: Path) -> Iterator[Row]:
    yield from csv.DictReader(content(path).decode("utf-8").splitlines(keepends=True))


def rows(pattern: str) -> list[Row]:
    return [row for path in sorted(LANDING.glob(pattern)) for row in rows_of(path)]


def reference(data_set: str) -> dict:
    return json.loads((DATA / data_set / "reference.json").read_text())
