"""Landed copies: every delivery as it was delivered, byte for byte, by content.

Everything else is read from them, so a vendor may go on writing and the landing folder
may be emptied. Nothing is parsed here.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile

from dagster_project.publish.durable import sync

BLOCK = 1024 * 1024
ENDINGS = (".csv", ".tsv", ".txt", ".log", ".json", ".jsonl", ".ndjson", ".parquet")


class UnreadableError(Exception):
    """A delivered file whose bytes cannot be had, and why."""


def landed_path(home: Path, sha256: str, name: str) -> Path:
    """Where the copy of a content lies; it ends like the delivered file."""
    return home / "raw" / "landed" / f"{sha256}{_ending(name)}"


def keep_copy(home: Path, path: Path, name: str) -> str:
    """Copy a file, readable by its owner only; the SHA-256 of what was copied.

    Killed at any point, it leaves the whole copy or an unfinished one that counts for
    nothing. Raises UnreadableError, or FileNotFoundError when it is gone.
    """
    folder = home / "raw" / "landed"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with NamedTemporaryFile(dir=folder, suffix=".tmp", delete=False) as copy:
        unfinished = Path(copy.name)
        for block in _blocks(path):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    kept = landed_path(home, digest.hexdigest(), name)
    if kept.exists():
        # Delivered again. Somebody may have been erased from the copy since.
        unfinished.unlink()
    else:
        unfinished.replace(kept)
    sync(folder)
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as delivered:
            while block := delivered.read(BLOCK):
                yield block
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from error


def clean_copies(home: Path) -> None:
    """Delete what a killed run left unfinished."""
    for path in (home / "raw" / "landed").glob("*.tmp"):
        path.unlink()


def _ending(name: str) -> str:
    """`.csv`, `.jsonl.gz`: what readers go by."""
    bare = name.removesuffix(".gz")
    suffix = PurePosixPath(bare).suffix
    packed = ".gz" if bare != name else ""
    return (suffix if suffix in ENDINGS else "") + packed
