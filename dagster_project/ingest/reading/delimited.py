"""Records of a delimited file: header, boundaries, physical lines.

A record may span lines; only a whole file is rejected here, a bad record is kept
with its problem.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from dagster_project.ingest.reading.lines import (
    BATCH_BYTES,
    LARGEST,
    RejectedFile,
    physical_lines,
)

BATCH_RECORDS = 20_000
# The default is 128 kB.
csv.field_size_limit(LARGEST)


class Record(NamedTuple):
    """One record and the physical line on which it begins."""

    line: int
    raw: bytes
    cells: list[str]
    problem: str | None


def column_key(name: str) -> str:
    """A column name without regard to case and spaces."""
    return "_".join(name.lower().split())


def read_titles(path: Path, delimiter: str, header: int) -> tuple[str, ...]:
    """The column titles, from record `header`; `column_1`, ... if that is 0.

    Raises RejectedFile when there is no usable header.
    """
    records = _records(path, delimiter)
    found = next(islice(records, max(header, 1) - 1, None), None)
    if found is None or not found.raw.strip():
        raise RejectedFile(f"no header on line {max(header, 1)}")
    if found.problem:
        raise RejectedFile(f"header: {found.problem.removeprefix('row: ')}")
    if header == 0:
        return tuple(f"column_{n}" for n in range(1, len(found.cells) + 1))
    refuse_duplicates(found.cells)
    return tuple(cell.strip() for cell in found.cells)


def refuse_duplicates(titles: Iterable[str]) -> None:
    """Raises RejectedFile when two columns have one name; unnamed ones may repeat."""
    times = Counter(column_key(title) for title in titles)
    twice = [name for name, n in times.items() if name and n > 1]
    if twice:
        raise RejectedFile(f"duplicate header: {', '.join(twice)}")


class DelimitedReader:
    """The records below the header of one file, as Arrow."""

    SCHEMA = pa.schema(
        [
            ("file", pa.int32()),
            ("line", pa.int64()),
            ("raw", pa.binary()),
            ("problem", pa.string()),
            ("cells", pa.list_(pa.string())),
        ]
    )

    def __init__(
        self, path: Path, file: int, delimiter: str, header: int, skip: tuple[int, ...]
    ) -> None:
        """`file` numbers the file among those that are read together."""
        self.file = file
        self.blank = 0
        numbered = enumerate(_records(path, delimiter), start=1)
        self._records = (r for n, r in numbered if n > header and n not in skip)

    def batches(self, width: int) -> Iterator[pa.RecordBatch]:
        """Batches of (file, line, raw, problem, cells). Raises RejectedFile."""
        kept: list[Record] = []
        size = 0
        for record in self._records:
            if not record.raw.strip():
                self.blank += 1
                continue
            kept.append(record)
            size += len(record.raw)
            if len(kept) >= BATCH_RECORDS or size >= BATCH_BYTES:
                yield self._batch(kept, width)
                kept, size = [], 0
        yield self._batch(kept, width)

    def _batch(self, records: list[Record], width: int) -> pa.RecordBatch:
        problems = [_problem(record, width) for record in records]
        cells = [
            [] if problem else record.cells
            for problem, record in zip(problems, records, strict=True)
        ]
        offsets = [0, *accumulate(map(len, cells))]
        columns = [
            pa.array([self.file] * len(records), pa.int32()),
            pa.array([record.line for record in records], pa.int64()),
            pa.array([record.raw for record in records], pa.binary()),
            pa.array(problems, pa.string()),
            pa.ListArray.from_arrays(
                pa.array(offsets, pa.int32()),
                pa.array(list(chain.from_iterable(cells)), pa.string()),
            ),
        ]
        return pa.record_batch(columns, schema=self.SCHEMA)


def _problem(record: Record, width: int) -> str | None:
    if record.problem or len(record.cells) == width:
        return record.problem
    return f"row: {len(record.cells)} cells, not {width}"


def _records(path: Path, delimiter: str) -> Iterator[Record]:
    lines: list[bytes] = []

    def decoded() -> Iterator[str]:
        for line in physical_lines(path):
            lines.append(line)
            yield line.decode("utf-8", "surrogateescape")

    reader = csv.reader(decoded(), delimiter=delimiter, strict=True)
    while True:
        begins = reader.line_num + 1
        lines.clear()
        cells: list[str] = []
        problem = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = _writing_problem(str(error), begins)
        raw = b"".join(lines)
        if not raw.isascii() and not _is_utf8(raw):
            problem = "row: not UTF-8"
        elif 0 in raw:
            problem = "row: holds a NUL byte"
        yield Record(begins, raw.rstrip(b"\r\n"), cells, problem)


def _writing_problem(error: str, begins: int) -> str:
    """In words that no version of Python changes. Raises RejectedFile."""
    if "unexpected end of data" in error:
        raise RejectedFile(f"unclosed quote, opened on line {begins}")
    if "field larger than" in error:
        raise RejectedFile(f"unclosed quote or cell above 32 MB, on line {begins}")
    if "expected after" in error:
        return "row: text after a closing quote"
    if "new-line character" in error:
        return "row: a carriage return outside quotes"
    return f"row: {error}"


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
