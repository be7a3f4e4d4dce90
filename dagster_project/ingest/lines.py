"""Physical lines of a delivery: bytes in, numbered Arrow batches out.

Nothing is judged here except what makes a whole file unreadable.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from dagster_project.errors import SegmentsError

BATCH_LINES = 50_000
BATCH_BYTES = 32 * 1024 * 1024
BUFFER = 1024 * 1024
BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


class RejectedFile(SegmentsError):  # noqa: N818 - named as users know it
    """A file that cannot be taken, with the reason. Other files go on."""


def open_bytes(path: Path) -> IO[bytes]:
    """The content of a delivery, unpacked when its name ends in .gz."""
    if path.suffix == ".gz":
        # A GzipFile finds its lines in Python, a buffer does so in C.
        return io.BufferedReader(cast(io.RawIOBase, gzip.open(path, "rb")), BUFFER)
    return path.open("rb")


def physical_lines(path: Path) -> Iterator[bytes]:
    """Every line with its ending, without a byte order mark.

    Raises RejectedFile for an empty, truncated or UTF-16 file.
    """
    number = 0
    try:
        with open_bytes(path) as handle:
            for number, line in enumerate(handle, start=1):
                yield line if number > 1 else _first_line(line)
    except (EOFError, zlib.error) as error:
        raise RejectedFile(f"truncated or damaged gzip, after line {number}") from error
    except gzip.BadGzipFile as error:
        raise RejectedFile("not gzip, although named .gz") from error
    if number == 0:
        raise RejectedFile("empty file")


def _first_line(line: bytes) -> bytes:
    if line.startswith(UTF16) or line[:64].count(0) > 8:
        raise RejectedFile("wrong encoding: UTF-16, expected UTF-8")
    return line.removeprefix(BOM)


class LineReader:
    """The lines of one file as Arrow, blank ones counted and left out."""

    SCHEMA = pa.schema(
        [("file", pa.int32()), ("line", pa.int64()), ("raw", pa.binary())]
    )

    def __init__(self, path: Path, file: int) -> None:
        """`file` numbers the file among those that are read together."""
        self.path = path
        self.file = file
        self.blank = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batches of (file, line, raw). Raises RejectedFile."""
        numbers: list[int] = []
        raws: list[bytes] = []
        size = 0
        for number, line in enumerate(physical_lines(self.path), start=1):
            raw = line.rstrip(b"\r\n")
            if not raw.strip():
                self.blank += 1
                continue
            numbers.append(number)
            raws.append(raw)
            size += len(raw)
            if len(raws) >= BATCH_LINES or size >= BATCH_BYTES:
                yield self._batch(numbers, raws)
                numbers, raws, size = [], [], 0
        yield self._batch(numbers, raws)

    def _batch(self, numbers: list[int], raws: list[bytes]) -> pa.RecordBatch:
        columns = [[self.file] * len(numbers), numbers, raws]
        return pa.record_batch(columns, schema=self.SCHEMA)
