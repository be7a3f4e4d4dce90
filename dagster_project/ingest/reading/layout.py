"""Which vendor columns a delivery has, and where; found without reading its rows.

Files of one source with the same layout can be read together.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.reading.delimited import (
    column_key,
    read_titles,
    refuse_duplicates,
)
from dagster_project.ingest.reading.documents import document_cell
from dagster_project.ingest.reading.lines import RejectedFile, open_bytes, readable
from dagster_project.ingest.reading.reshape import json_path
from dagster_project.warehouse import identifier, literal

Engine = duckdb.DuckDBPyConnection

#: Types of Parquet columns from which numbers and times are taken as they are.
NATIVE = re.compile(
    r"TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?|DATE|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?"
    r"|DOUBLE|FLOAT|DECIMAL\(\d+,\d+\)"
)


@dataclass(frozen=True)
class Layout:
    """The vendor columns in the order of `cells`, in the delivery's own spelling.

    `is_closed`: the file itself names its columns, so that a missing one is known.
    `kinds` are the engine's types of Parquet columns; `are_paths`: the titles are paths
    into JSON documents; `added` are the columns that an unpivot makes.
    """

    titles: tuple[str, ...]
    is_closed: bool
    kinds: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    are_paths: bool = False

    @property
    def is_direct(self) -> bool:
        """Whether the columns are read as they are, not as a list of texts."""
        return bool(self.kinds) and not self.added

    @property
    def digest(self) -> str:
        """A number that tells the rows of one file apart, as SQL. It is never kept."""
        return f"hash({'delivered' if self.is_direct else 'raw'})"

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each column lies in `cells`, from 1."""
        names = [*(self.key(title) for title in self.titles), *self.added]
        return {name: at for at, name in enumerate(names, start=1) if name}

    def key(self, path: str) -> str:
        """How a name is compared: of a header without case and spaces."""
        return column_key(path) if self.is_closed else path

    def cell(self, path: str) -> str:
        """The text of a vendor column in a row as it was read, as SQL."""
        if position := self.positions.get(self.key(path)):
            return self._text(position)
        column, _, inner = path.partition(".")
        if inner and (position := self.positions.get(self.key(column))):
            document = self._text(position)
            found = f"json_extract_string({document}, {literal(json_path(inner))})"
            return f"case when json_valid({document}) then {found} end"
        return "null::VARCHAR"

    def _text(self, position: int) -> str:
        if self.are_paths and not self.added:
            return document_cell(self.titles[position - 1], self.titles)
        if not self.is_direct:
            return f"cells[{position}]"
        return as_text(self.native_at(position), self.kinds[position - 1])

    def native_kind(self, path: str) -> str | None:
        """The type of a delivered column that needs no detour over its text."""
        position = self.positions.get(self.key(path), 0)
        if not self.is_direct or not position:
            return None
        kind = self.kinds[position - 1]
        return kind if NATIVE.fullmatch(kind) else None

    def native(self, path: str) -> str:
        """A delivered column in its own type, as SQL."""
        return self.native_at(self.positions[self.key(path)])

    def native_at(self, position: int) -> str:
        """The delivered column at a position, from 1."""
        return f"delivered.{identifier(self.titles[position - 1])}"

    def holds(self, path: str) -> bool:
        """Whether the delivery can have this column."""
        names = {self.key(path), self.key(path.partition(".")[0])}
        return not self.is_closed or bool(names & self.positions.keys())


def layout_of(engine: Engine, source: SourceSpec, path: Path) -> Layout:
    """The layout of one file.

    Raises RejectedFile when the file has none.
    """
    unpivot = source.unpivot
    added = (unpivot.key, unpivot.value) if unpivot else ()
    if path.stat().st_size == 0:
        raise RejectedFile("empty file")
    match source.format:
        case "csv":
            titles = read_titles(path, source.delimiter, source.header)
            return Layout(titles, is_closed=True, added=added)
        case "parquet":
            names, kinds = _parquet_columns(engine, path)
            refuse_duplicates(names)
            return Layout(names, is_closed=True, kinds=kinds, added=added)
        case "regex":
            return Layout(source.groups, is_closed=False)
        case "json":
            refuse_blank(path)
    paths = source.vendor_paths
    return Layout(paths, is_closed=False, added=added, are_paths=True)


def _parquet_columns(
    engine: Engine, path: Path
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    query = f"describe select * from read_parquet({literal(path)})"
    try:
        columns = engine.execute(query).fetchall()
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise RejectedFile("not readable as Parquet (truncated or damaged)") from error
    return tuple(c[0] for c in columns), tuple(c[1] for c in columns)


def refuse_blank(path: Path) -> None:
    """Raises RejectedFile for a file that holds nothing but blanks."""
    with readable(path), open_bytes(path) as handle:
        if not any(block.strip() for block in iter(lambda: handle.read(65_536), b"")):
            raise RejectedFile("only blank lines")


def as_text(column: str, kind: str) -> str:
    """A column of a Parquet type as the text a vendor would have written."""
    if kind in ("DOUBLE", "FLOAT"):
        # Ids with gaps come as 12346.0 from pandas.
        is_whole = f"{column} = trunc({column}) and abs({column}) < 9e15"
        whole = f"cast(cast({column} as BIGINT) as VARCHAR)"
        return f"case when {is_whole} then {whole} else cast({column} as VARCHAR) end"
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as VARCHAR)"
    return column if kind == "VARCHAR" else f"cast({column} as VARCHAR)"
