"""What the UI shows about a table: rows and columns."""

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
