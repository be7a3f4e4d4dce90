"""Writes one published table: its Parquet files and its copy in `segments.duckdb`.

What the release as a whole holds is in `release.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.errors import SegmentsError
from dagster_project.publish.columns import published_column
from dagster_project.publish.content_hash import content_hash
from dagster_project.publish.tables import PublishedTable
from dagster_project.warehouse import identifier, literal, transaction

OUTGOING = "outgoing"  # the catalog name under which `segments.duckdb` is attached
PARQUET = "format parquet, compression zstd, row_group_size 122880"
ADDED = ("release_id", "as_of_date")
# What no model describes, because publishing adds it.
OF_EVERY_TABLE = {"release_id": "The release that the row is of."}


@dataclass(frozen=True)
class TableWriter:
    """Writes the tables of one release into one folder.

    Attributes:
        connection: the work database, with `segments.duckdb` attached as `outgoing`.
        folder: of the release.
        release_id: written into every row.
        as_of: written into every row, unless the grain holds its own `as_of_date`.
        comments: table -> column -> text.
        rows_per_file: a larger table becomes a folder of files.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path
    release_id: str
    as_of: date
    comments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows_per_file: int = 5_000_000

    def write(self, table: PublishedTable) -> dict[str, Any]:
        """Write the table and return its entry of the manifest, without file hashes.

        The content hash is that of the work database: what was written is compared
        with it afterwards. Raises SegmentsError for a stale or unpublishable table.
        """
        select = self._select(table)
        catalog = "temp" if table.is_personal else OUTGOING
        stored = f"{catalog}.main.{identifier(table.name)}"
        order = ", ".join(f"{identifier(key)} nulls first" for key in table.grain)
        temporary = "temp" if table.is_personal else ""
        self.connection.execute(
            f"create {temporary} table {stored} as {select} order by {order}"
        )
        entry = self._describe(table, stored)
        entry["files"] = self._write_parquet(table, stored, entry["rows"])
        entry["content_hash"] = content_hash(self.connection, f"({select})")
        if table.is_personal:
            self.connection.execute(f"drop table {stored}")
        else:
            with transaction(self.connection):
                self._comment(table, stored, entry["columns"])
        return entry

    def _select(self, table: PublishedTable) -> str:
        described = _describe_source(self.connection, table)
        columns = dict(described)
        if missing := set(table.grain) - {*columns, *ADDED}:
            raise SegmentsError(
                f"{table.source}: no column {', '.join(sorted(missing))}, which is "
                "part of its grain"
            )
        own_dates = "as_of_date" in table.grain
        if "as_of_date" in columns and not own_dates:
            self._check_it_is_tonights(table)
        day = "as_of_date::date" if own_dates else f"date '{self.as_of}'"
        first = [
            f"{literal(self.release_id)}::varchar as release_id",
            f"{day} as as_of_date",
        ]
        try:
            rest = [published_column(n, k) for n, k in described if n not in ADDED]
        except SegmentsError as error:
            raise SegmentsError(f"{table.source}: {error}") from error
        return f"select {', '.join(first + rest)} from {table.source}"

    def _check_it_is_tonights(self, table: PublishedTable) -> None:
        stale = self.connection.execute(
            f"select as_of_date from {table.source} "
            f"where as_of_date is distinct from date '{self.as_of}' limit 1"
        ).fetchone()
        if stale:
            raise SegmentsError(
                f"{table.source} holds rows of {stale[0]}, not of {self.as_of}: "
                "it was not rebuilt tonight"
            )

    def _describe(self, table: PublishedTable, stored: str) -> dict[str, Any]:
        described = self.connection.execute(f"describe {stored}").fetchall()
        counted = self.connection.execute(f"select count(*) from {stored}").fetchone()
        assert counted is not None
        return {
            "rows": counted[0],
            "columns": {row[0]: row[1] for row in described},
            "grain": list(table.grain),
            "operational": table.is_operational,
            "personal": table.is_personal,
        }

    def _write_parquet(
        self, table: PublishedTable, stored: str, rows: int
    ) -> dict[str, Any]:
        if rows <= self.rows_per_file:
            return self._copy(f"select * from {stored}", f"{table.name}.parquet")
        (self.folder / table.name).mkdir()
        files: dict[str, Any] = {}
        for part, start in enumerate(range(0, rows, self.rows_per_file)):
            end = start + self.rows_per_file
            # The table was filled in the order of its grain, so its row ids follow it.
            query = f"select * from {stored} where rowid >= {start} and rowid < {end}"
            files |= self._copy(query, f"{table.name}/part-{part:04}.parquet")
        return files

    def _copy(self, query: str, name: str) -> dict[str, Any]:
        path = literal(self.folder / name)
        self.connection.execute(f"copy ({query}) to {path} ({PARQUET})")
        return {name: {}}

    def _comment(
        self, table: PublishedTable, stored: str, columns: Mapping[str, str]
    ) -> None:
        self.connection.execute(
            f"comment on table {stored} is {literal(table.comment)}"
        )
        texts = OF_EVERY_TABLE | dict(self.comments.get(table.name, {}))
        for column, text in texts.items():
            if column in columns:
                name = f"{stored}.{identifier(column)}"
                self.connection.execute(f"comment on column {name} is {literal(text)}")


def _describe_source(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable
) -> list[tuple[str, str]]:
    try:
        rows = connection.execute(f"describe select * from {table.source}").fetchall()
    except duckdb.CatalogException as error:
        raise SegmentsError(
            f"{table.source} does not exist: {table.name} was not built tonight"
        ) from error
    return [(row[0], row[1]) for row in rows]
