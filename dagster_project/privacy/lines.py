"""A delivered file of lines without the records of a subject.

A record that is taken out leaves blank lines, so that those of others keep their
numbers. Parquet files and JSON lists are in `documents.py`.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, cast

from dagster_project.ingest.reading.lines import BOM
from dagster_project.privacy.traces import Traces

#: Tells which of some records raw holds as others'; their bytes prove nothing.
Kept = Callable[[Collection[int]], set[int]]


@dataclass(frozen=True)
class Redaction:
    """How to find the subject in one file: `owned` are its records in raw."""

    traces: Traces
    owned: frozenset[int]
    kept: Kept
    delimiter: str | None = None

    def is_suspect(self, record: bytes) -> bool:
        """Whether the bytes of a record speak of the subject."""
        return self.traces.names(record) or self.traces.names_by_key(record)


class Record(NamedTuple):
    """One record with its first and last physical line."""

    begin: int
    end: int
    raw: bytes
    is_suspect: bool


def redact_lines(path: Path, target: Path, how: Redaction) -> int:
    """Write `target` without the subject; the number of records changed.

    Without any nothing is written. A mention in another's record is masked in place.
    """
    theirs, mentions = _of_subject(path, how)
    if not theirs and not mentions:
        return 0
    blank = _lines_of(theirs)
    edited = _lines_of(mentions)
    changed = 0
    with writer(path, target) as out:
        for number, line in enumerate(lines(path), start=1):
            content = line.rstrip(b"\r\n")
            ending = line[len(content) :]
            if number in blank:
                content = b""
            elif number in edited:
                content, masked = how.traces.without(content)
                changed += masked
            out.write(content + ending)
    return len(theirs) + changed


def lines(path: Path) -> Iterator[bytes]:
    """The physical lines of a file as far as it can be read."""
    try:
        with _reader(path) as handle:
            yield from handle
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return


def _of_subject(path: Path, how: Redaction) -> tuple[list[Record], list[Record]]:
    """The subject's records, and those of others that mention it."""
    theirs: list[Record] = []
    suspects: list[Record] = []
    twins: set[bytes] = set()
    for record in _records(path, how):
        if record.begin in how.owned:
            twins.add(record.raw.strip())
            theirs.append(record)
        elif record.raw.strip() in twins:
            theirs.append(record)
        elif record.is_suspect:
            suspects.append(record)
    kept = how.kept([record.begin for record in suspects])
    theirs += [record for record in suspects if record.begin not in kept]
    mentions = [
        record
        for record in suspects
        if record.begin in kept and next(how.traces.spans(record.raw), None)
    ]
    return theirs, mentions


def _records(path: Path, how: Redaction) -> Iterator[Record]:
    if how.delimiter is None:
        for number, line in enumerate(lines(path), start=1):
            yield Record(number, number, line, how.is_suspect(line))
        return
    yield from _delimited(path, how, how.delimiter)


def _delimited(path: Path, how: Redaction, delimiter: str) -> Iterator[Record]:
    taken: list[bytes] = []

    def decoded() -> Iterator[str]:
        for number, line in enumerate(lines(path)):
            taken.append(line)
            text = line if number else line.removeprefix(BOM)
            yield text.decode("utf-8", "surrogateescape")

    reader = csv.reader(decoded(), delimiter=delimiter, strict=True)
    titles: list[str] | None = None
    while True:
        begin = reader.line_num + 1
        taken.clear()
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # As ingest sees it: a bad record, or a quote that is open to the end.
            for number, line in enumerate(taken, start=begin):
                yield Record(number, number, line, how.is_suspect(line))
            continue
        raw = b"".join(taken)
        titles = titles or cells
        is_below = how.traces.names_by_title(titles, cells)
        yield Record(begin, reader.line_num, raw, is_below or how.is_suspect(raw))


def _lines_of(records: list[Record]) -> set[int]:
    return {n for record in records for n in range(record.begin, record.end + 1)}


@contextmanager
def _reader(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        is_packed = path.suffix == ".gz" and file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if is_packed:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield io.BufferedReader(unpacked, 1024 * 1024)
        else:
            yield file


@contextmanager
def writer(path: Path, target: Path) -> Iterator[IO[bytes]]:
    """A new file that is packed as `path` is; the same content gives the same bytes."""
    with target.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield file
