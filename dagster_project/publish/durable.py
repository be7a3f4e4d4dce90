"""Writes that are whole or absent after a power cut, and readable file errors.

What is written where is decided by the modules that call these functions.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.errors import SegmentsError

TEMPORARY = ".tmp-"


@contextmanager
def readable_errors(doing: str) -> Iterator[None]:
    """Turn failures of disk and permissions into one readable message.

    Raises SegmentsError with what was being done, the path and the reason.
    """
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        reason = error.strerror or str(error)
        raise SegmentsError(f"{doing}: {reason}{where}{_way_out(error)}") from error
    except duckdb.Error as error:
        if not _is_of_the_disk(error):
            raise
        reason = str(error).splitlines()[0]
        raise SegmentsError(f"{doing}: {reason}{_way_out(error)}") from error


def write_atomically(path: Path, text: str) -> None:
    """Replace a small file: readers see the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    write_synced(temporary, text)
    temporary.replace(path)
    sync(path.parent)


def write_synced(path: Path, text: str) -> None:
    """Write a file and force it to the disk."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_of_the_disk(error: duckdb.Error) -> bool:
    # A failed write of the engine's log comes as a failed transaction.
    kinds = (duckdb.IOException, duckdb.OutOfMemoryException)
    return isinstance(error, kinds) or "Could not write file" in str(error)


def _way_out(error: Exception) -> str:
    full = ("No space left", "File too large", "quota exceeded")
    if any(reason in str(error) for reason in full):
        return "; free some disk space and run again"
    if "Permission denied" in str(error):
        return "; give this user the right to write there, or set SEGMENTS_HOME"
    return ""
