"""Looking for values in every file of a home, whatever it is packed in.

The proof of an erasure; it finds what the erasure did not know of.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from dagster_project.warehouse import connect, identifier, literal

BLOCK = 8 * 1024 * 1024


def files_with(
    roots: Iterable[Path], values: Iterable[str], without: Iterable[Path] = ()
) -> dict[Path, set[str]]:
    """The files below some folders that hold a value, and which; case does not matter.

    Packed text is unpacked; the texts of Parquet and DuckDB files are read. Folders and
    files of `without` are left out.
    """
    wanted = {value: value.lower().encode() for value in values if value}
    skipped = tuple(without)
    found: dict[Path, set[str]] = {}
    for root in roots:
        for path in sorted(root.rglob("*")) if root.exists() else ():
            if not path.is_file() or path.is_symlink():
                continue
            if any(path == one or one in path.parents for one in skipped):
                continue
            if held := _held(path, wanted):
                found[path] = held
    return found


def _held(path: Path, wanted: dict[str, bytes]) -> set[str]:
    held: set[str] = set()
    longest = max(map(len, wanted.values()), default=0)
    for content in _contents(path):
        before = b""
        for at in range(0, max(len(content), 1), BLOCK):
            block = before + content[at : at + BLOCK].lower()
            held |= {value for value, sought in wanted.items() if sought in block}
            before = block[-longest:] if longest else b""
    return held


def _contents(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    yield path.name.encode()
    if content.startswith(b"\x1f\x8b"):
        try:
            yield gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            yield _as_far_as_it_goes(content)
    elif content.startswith(b"PAR1"):
        yield from _texts(f"read_parquet({literal(path)})")
    elif content[8:12] == b"DUCK":
        yield from _database(path)


def _as_far_as_it_goes(content: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        return unpacking.decompress(content)
    except zlib.error:
        return b""


def _texts(
    relation: str, engine: duckdb.DuckDBPyConnection | None = None
) -> Iterator[bytes]:
    with engine or connect() as reader:
        columns = reader.execute(f"describe select * from {relation}").fetchall()
        for name, *_ in columns:
            found = reader.execute(
                f"select distinct cast({identifier(name)} as VARCHAR) from {relation}"
            )
            while rows := found.fetchmany(100_000):
                yield "\n".join(text for (text,) in rows if text).encode()


def _database(path: Path) -> Iterator[bytes]:
    with connect() as reader:
        reader.execute(f"attach {literal(path)} as searched (read_only)")
        tables = reader.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'searched'"
        ).fetchall()
        for schema, table in tables:
            name = f"searched.{identifier(schema)}.{identifier(table)}"
            yield from _texts(name, reader.cursor())
