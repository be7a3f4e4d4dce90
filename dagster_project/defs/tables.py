"""What the UI shows about a table: rows and columns."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
import duckdb

from dagster_project.warehouse import identifier


def describe(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    texts: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Row count and column schema of `schema.table` as metadata."""
    schema, _, name = table.partition(".")
    quoted = f"{identifier(schema)}.{identifier(name)}"
    rows = connection.execute(f"select count(*) from {quoted}").fetchall()[0][0]
    columns = connection.execute(f"describe {quoted}").fetchall()
    return {
        "dagster/row_count": rows,
        "dagster/column_schema": dg.TableSchema(
            [
                dg.TableColumn(column, type_, (texts or {}).get(column))
                for column, type_, *_ in columns
            ]
        ),
    }


def markdown(
    titles: Sequence[str], rows: Sequence[Sequence[Any]], of: int | None = None
) -> str:
    """Rows as a table of Markdown; `of` says how many there are in all."""
    if not rows:
        return "none"
    lines = [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    if of and of > len(rows):
        lines += ["", f"and {of - len(rows):,} more"]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    """A value that cannot leave its cell, whatever a delivery is called."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = "".join(c if c.isprintable() else " " for c in str(value))
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}")
    return text
