"""A sample of a delivery: how it is written, its columns and some values.

Nothing is guessed here about their meaning. Files are read in `reading.py`.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dagster_project.ingest.grammar.field_spec import check_path
from dagster_project.ingest.grammar.source_spec import Format

WORDS = Path(__file__).with_name("words.yml")

#: More rows than these are not looked at.
ROWS = 2000

Columns = dict[str, list[str]]


@dataclass
class Sample:
    """What the beginning of a file shows; `lists` are columns by what is exploded."""

    path: Path
    format: Format
    columns: Columns = field(default_factory=dict)
    rows: int = 0
    delimiter: str = ","
    skip: tuple[int, ...] = ()
    header: int = 1
    pattern: str | None = None
    pattern_name: str | None = None
    lists: dict[str, Columns] = field(default_factory=dict)


@cache
def words() -> dict[str, Any]:
    """What vendors call things."""
    content: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return content


def usable(columns: Columns) -> Columns:
    """Those that a declaration can name."""
    found = {}
    for name, values in columns.items():
        try:
            check_path(name)
        except ValueError:
            continue
        found[name] = values
    return found
