"""Which vendor columns a delivery has, and where; found without reading its rows.

Files of one source with the same layout can be read together.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from dagster_project.ingest.delimited import column_key, read_titles, refuse_duplicates
from dagster_project.ingest.lines import RejectedFile
from dagster_project.ingest.reshape import json_path
from dagster_project.ingest.source_spec import SourceSpec
from dagster_project.warehouse import literal

Engine = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Layout:
    """The vendor columns in the order of `cells`, in the delivery's own spelling.

    `is_closed`: the file itself names its columns, so that a missing one is known.
    `kinds` are the engine's types of Parquet columns.
    """

    titles: tuple[str, ...]
    is_closed: bool
    kinds: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each column lies in `cells`, from 1."""
        names = [*(self.key(title) for title in self.titles), *self.added]
        return {name: at for at, name in enumerate(names, start=1) if name}

    def key(self, path: str) -> str:
        """How a name is compared: of a header without case and spaces."""
        return column_key(path) if self.is_closed else path

    def cell(self, path: str) -> str:
        """The text of a vendor column in a row of `read_rows`, as SQL."""
        if position := self.positions.get(self.key(path)):
            return f"cells[{position}]"
        column, _, inner = path.partition(".")
        if inner and (position := self.positions.get(self.key(column))):
            document = f"cells[{position}]"
            found = f"json_extract_string({document}, {literal(json_path(inner))})"
            return f"case when json_valid({document}) then {found} end"
        return "null::VARCHAR"

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
    return Layout(source.vendor_paths, is_closed=False, added=added)


def _parquet_columns(
    engine: Engine, path: Path
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    query = f"describe select * from read_parquet({literal(path)})"
    try:
        columns = engine.execute(query).fetchall()
    except duckdb.Error as error:
        raise RejectedFile("not readable as Parquet (truncated or damaged)") from error
    return tuple(c[0] for c in columns), tuple(c[1] for c in columns)
