"""How a column of the work database becomes a published column.

The one place where doubles are rounded and where types are refused.
"""

import re

from dagster_project.errors import SegmentsError
from dagster_project.warehouse import identifier

SIGNIFICANT_DIGITS = 9
KEPT = {
    *("VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP"),
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
}
# Parquet stores HUGEINT as a double and loses digits; old clients know no UUID.
RECAST = {
    "DOUBLE": f"printf('%.{SIGNIFICANT_DIGITS}g', {{0}} + 0.0)::double",
    "FLOAT": f"printf('%.{SIGNIFICANT_DIGITS}g', {{0}}::double + 0.0)::double",
    "HUGEINT": "{0}::decimal(38, 0)",
    "UHUGEINT": "{0}::decimal(38, 0)",
    "UUID": "{0}::varchar",
    "JSON": "{0}::varchar",
    "TIMESTAMP WITH TIME ZONE": "({0} at time zone 'UTC')",
    "TIMESTAMP_S": "{0}::timestamp",
    "TIMESTAMP_MS": "{0}::timestamp",
    "TIMESTAMP_NS": "{0}::timestamp",
}
NOT_INSIDE = re.compile(
    r"\b(DOUBLE|FLOAT|U?HUGEINT|UUID|JSON|ENUM|BLOB|INTERVAL|TIME"
    r"|TIMESTAMP_\w+|TIMESTAMP WITH TIME ZONE)\b"
)


def published_column(name: str, kind: str) -> str:
    """The select item of one published column.

    Raises SegmentsError for a type that BI tools or Parquet do not carry unchanged.
    """
    column = identifier(name)
    if kind in KEPT or kind.startswith("DECIMAL(") or _is_plain_nested(kind):
        return column
    if kind.startswith("ENUM("):
        return f"{column}::varchar as {column}"
    if kind in RECAST:
        return f"{RECAST[kind].format(column)} as {column}"
    raise SegmentsError(
        f"column {name} has type {kind}, which cannot be published: "
        "cast it in its model, for example to varchar or decimal"
    )


def _is_plain_nested(kind: str) -> bool:
    is_nested = kind.endswith("]") or kind.startswith(("STRUCT(", "MAP("))
    return is_nested and not NOT_INSIDE.search(kind)
