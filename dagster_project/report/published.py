"""Reads the published tables of one release, and nothing else of the database."""

import re
from typing import Any

from duckdb import DuckDBPyConnection

from dagster_project.errors import UsageError
from dagster_project.report.columns import READ
from dagster_project.warehouse import identifier, literal

PART = re.compile(r'"((?:[^"]|"")+)"|([^."]+)')


class Published:
    """The published tables of one schema, readable whether they exist or not."""

    def __init__(self, connection: DuckDBPyConnection, schema: str) -> None:
        self._connection = connection
        found = PART.findall(schema)
        parts = [quoted.replace('""', '"') or bare for quoted, bare in found]
        if not 1 <= len(parts) <= 2:
            raise UsageError(f"{schema!r} is no schema, for example main or db.main")
        self._schema = ".".join(identifier(part) for part in parts)
        self._columns = self._read_columns(parts)

    def has(self, table: str) -> bool:
        """Whether the release has this table."""
        return table in self._columns

    def relation(self, table: str) -> str:
        """A sub-query of the columns the page reads; what is absent is null."""
        present = self._columns.get(table, set())
        columns = ", ".join(
            f"{name if name in present else 'null'}::{kind} as {name}"
            for name, kind in READ[table].items()
        )
        source = f"from {self._schema}.{identifier(table)}"
        return f"(select {columns} {source if self.has(table) else 'where false'})"

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query whose `{table}` places name published tables."""
        relations = {table: self.relation(table) for table in READ}
        result = self._connection.execute(query.format_map(relations))
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _read_columns(self, parts: list[str]) -> dict[str, set[str]]:
        catalog = literal(parts[0]) if len(parts) == 2 else "current_database()"
        found = self._connection.execute(
            "select 1 from duckdb_schemas() where database_name = "
            f"{catalog} and schema_name = {literal(parts[-1])}"
        ).fetchone()
        if not found:
            raise UsageError(f"there is no schema {'.'.join(parts)} in this connection")
        columns: dict[str, set[str]] = {}
        for table, column in self._connection.execute(
            "select table_name, column_name from duckdb_columns() where database_name"
            f" = {catalog} and schema_name = {literal(parts[-1])}"
        ).fetchall():
            columns.setdefault(table, set()).add(column)
        return columns
