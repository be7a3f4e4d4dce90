"""Judges the one kind of SQL that an expectation may hold: a query of wrong rows."""

import sqlglot
from sqlglot import exp

# Functions that reach outside the night's own tables begin with these.
OUTSIDE = ("read_", "glob", "parquet_", "sniff_", "getenv", "query", "pragma_")


def check_rows_query(query: str) -> None:
    """Accept one SELECT over `{batch}` and tables of the night, nothing else.

    Raises ValueError with the reason.
    """
    if "{batch}" not in query:
        raise ValueError("kwargs: unexpected_rows_query must select from {batch}")
    try:
        parsed = sqlglot.parse(query.replace("{batch}", "batch"), read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ValueError(f"kwargs: unexpected_rows_query: {error}") from error
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise ValueError("kwargs: unexpected_rows_query must be one SELECT")
    for node in parsed[0].walk():
        if isinstance(node, exp.Func) and _name(node).startswith(OUTSIDE):
            raise ValueError(
                f"kwargs: unexpected_rows_query may not call {_name(node)}()"
            )
        if isinstance(node, exp.Table) and "." in node.name.strip("."):
            raise ValueError(
                f"kwargs: unexpected_rows_query may not read the file {node.name!r}"
            )


def _name(node: exp.Func) -> str:
    named = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
    return named.lower()
