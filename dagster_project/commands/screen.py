"""What a command shows: lines, facts, tables and JSON, on standard output.

What is worth showing is decided by the commands; progress is in `progress.py`.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

COLOURS = {
    "published": "green",
    "rolled_back": "yellow",
    "held": "yellow",
    "failed": "red",
    "killed": "red",
    "rejected": "red",
    "accepted": "green",
    "current": "green",
}


def visible(value: object) -> str:
    """A value as one line of text; control characters of a delivery stay harmless."""
    text = show(value).replace("\r\n", "\n").replace("\n", " ").replace("\t", " ")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def show(value: object) -> str:
    """A value as people read it: thousands in groups, `-` for what is not known."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return f"{value:,}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case _:
            return str(value)


def say(text: object = "") -> None:
    """One line as it is: a path can be copied whole."""
    print("" if text == "" else visible(text))


def heading(text: str) -> None:
    """The title of what follows, set off by an empty line."""
    print(f"\n{text}")


def paragraph(text: object, indent: str = "", hanging: str = "") -> None:
    """A sentence, wrapped at words on a terminal and on one line elsewhere."""
    line = visible(text)
    if sys.stdout.isatty():
        width = max(shutil.get_terminal_size().columns, 40)
        line = textwrap.fill(
            line,
            width,
            initial_indent=indent,
            subsequent_indent=indent + hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        print(line)
    else:
        print(indent + line)


def facts(pairs: Iterable[tuple[str, object]], indent: str = "") -> None:
    """Names and values, one pair on each line."""
    known = list(pairs)
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        print(f"{indent}{name:<{width}}  {visible(value)}".rstrip())


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows below their titles; columns of numbers are aligned to the right."""
    found = [list(row) for row in rows]
    right = [
        any(isinstance(row[at], int | Decimal) for row in found)
        and all(row[at] is None or isinstance(row[at], int | Decimal) for row in found)
        for at in range(len(titles))
    ]
    cells = [[visible(value) for value in row] for row in found]
    if sys.stdout.isatty():
        _fitted(titles, cells, right)
    else:
        _aligned(titles, cells, right)


def as_json(content: object) -> None:
    """The same content for a program."""
    print(json.dumps(content, indent=2, default=_plain, ensure_ascii=False))


def _fitted(titles: Sequence[str], cells: list[list[str]], right: list[bool]) -> None:
    """Rows in the width of the terminal; text that is too long goes on below."""
    console = Console(file=sys.stdout, highlight=False)
    natural = sum(max(map(len, column)) for column in zip(titles, *cells, strict=True))
    gap = 2 if natural + 2 * len(titles) - 2 <= console.width else 1
    grid = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for title, is_number in zip(titles, right, strict=True):
        justify: Any = "right" if is_number else "left"
        grid.add_column(title, justify=justify, no_wrap=is_number, overflow="fold")
    for row in cells:
        grid.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in row))
    console.print(grid)


def _aligned(titles: Sequence[str], cells: list[list[str]], right: list[bool]) -> None:
    every = [list(titles), *cells]
    widths = [max(len(row[at]) for row in every) for at in range(len(titles))]
    for row in every:
        line = "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, right, strict=True)
        )
        print(line.rstrip())


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date() | Path():
            return str(value)
        case _:
            return repr(value)
