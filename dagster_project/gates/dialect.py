"""The SQLAlchemy dialect through which Great Expectations sees DuckDB."""

from typing import Any

from duckdb_engine import Dialect
from sqlalchemy import text, types
from sqlalchemy.engine.interfaces import ReflectedColumn

TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "BOOLEAN": types.Boolean,
    "TINYINT": types.SmallInteger,
    "SMALLINT": types.SmallInteger,
    "INTEGER": types.Integer,
    "BIGINT": types.BigInteger,
    "HUGEINT": types.Numeric,
    "DECIMAL": types.Numeric,
    "FLOAT": types.Float,
    "DOUBLE": types.Float,
    "DATE": types.Date,
    "TIMESTAMP": types.DateTime,
    "TIMESTAMP WITH TIME ZONE": types.DateTime,
    "VARCHAR": types.String,
}


class GXDialect(Dialect):
    """DuckDB without transactions and without PostgreSQL's catalogue.

    Great Expectations reads a result after its connection went back to the pool; the
    rollback of the pool would discard DuckDB's streaming result and every
    expectation would see no rows.
    """

    supports_statement_cache = True

    def do_begin(self, connection: Any) -> None:
        """Nothing: each statement stands alone."""

    def do_commit(self, connection: Any) -> None:
        """Nothing: each statement stands alone."""

    def do_rollback(self, connection: Any) -> None:
        """Nothing: there is nothing to undo, and results must survive."""

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[ReflectedColumn]:
        """Names and types from DuckDB's own catalogue.

        Types must be real: `between` refuses a number that looks like text.
        """
        found = connection.execute(
            text(
                "select column_name, data_type, is_nullable from duckdb_columns()"
                " where database_name = current_database()"
                " and schema_name = :schema and table_name = :table"
                " order by column_index"
            ),
            {"schema": schema or "main", "table": table_name},
        )
        return [
            {"name": name, "type": _type(kind), "nullable": nullable, "default": None}
            for name, kind, nullable in found.fetchall()
        ]


def _type(duckdb_type: str) -> types.TypeEngine[Any]:
    return TYPES.get(duckdb_type.split("(")[0], types.NullType)()
