"""Samples of delimited text: the delimiter, whether there is a header, the columns."""

import csv
import io
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.ingest.propose.sample import ROWS, Sample, usable
from dagster_project.ingest.propose.values import look_at

DELIMITERS = ",;\t|"
#: What no name of a column looks like.
DATA = ("time", "date", "integer", "decimal", "email", "uuid")


def delimited(path: Path, text: str) -> Sample:
    """The rows of a CSV or TSV. Raises UsageError when it is none."""
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        rows = [row for _, row in zip(range(ROWS + 3), reader, strict=False) if row]
    except csv.Error as error:
        raise UsageError(f"{path}: not readable as CSV: {error}") from error
    header = 1 if _is_header(rows[0], rows[1:]) else 0
    titles = rows[0] if header else [f"column_{n}" for n in range(1, len(rows[0]) + 1)]
    skip: tuple[int, ...] = ()
    if header and len(rows) > 2 and any("ImportId" in cell for cell in rows[2]):
        skip = (2, 3)
    data = rows[header + len(skip) :][:ROWS]
    columns = {
        title.strip(): [row[at] if at < len(row) else "" for row in data]
        for at, title in enumerate(titles)
        if title.strip()
    }
    sample = Sample(path, "csv", usable(columns), len(data), delimiter, skip, header)
    return sample


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into the same number of cells."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]

    def score(delimiter: str) -> tuple[float, int]:
        rows = list(csv.reader(lines, delimiter=delimiter))
        width = len(rows[0])
        same = sum(len(row) == width for row in rows) / len(rows)
        return (same if width > 1 else 0.0, width)

    return max(DELIMITERS, key=score)


def _is_header(first: list[str], rest: list[list[str]]) -> bool:
    """Names are no numbers or times, and come once."""
    cells = [cell.strip() for cell in first]
    if len(set(cells)) < len(cells) or not any(cells):
        return False
    return not any(look_at([cell]).shape in DATA for cell in cells if cell)
