"""The content hash of tables and releases: what is in them, not how it is stored.

How files are hashed (bytes, sha256) is in `durable.py`.
"""

from collections.abc import Iterable, Mapping
from hashlib import md5

import duckdb

from dagster_project.warehouse import identifier, literal

SEPARATOR = chr(31)
NULL = r"\N"
FLOATS = {"DOUBLE", "FLOAT"}
# Their texts cannot hold the separator: no length is needed to part them.
UNAMBIGUOUS = {
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
    *("BOOLEAN", "DATE", "TIMESTAMP"),
}


def content_hash(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    skip: Iterable[str] = ("release_id",),
) -> str:
    """The hash of a table's rows, column names and column types.

    It does not depend on the order of rows or columns, on file layout or on thread
    count: rows are digested with md5 and the digests added, so that two equal rows do
    not cancel each other out. Doubles count to 12 significant digits.

    Args:
        connection: where the relation can be read.
        relation: SQL that may follow `from`: a name, `read_parquet(...)`, `(select)`.
        skip: columns that are not content.

    Returns:
        32 hexadecimal digits.
    """
    left_out = set(skip)
    described = connection.execute(f"describe select * from {relation}").fetchall()
    columns = sorted((row[0], row[1]) for row in described if row[0] not in left_out)
    texts = ", ".join(_text(name, kind) for name, kind in columns)
    # `sum` of an unsigned 128-bit number would be a DOUBLE, which depends on the order.
    row = connection.execute(
        f"""
        select
            count(*),
            coalesce(sum((digest >> 64)::hugeint), 0),
            coalesce(sum((digest & 18446744073709551615::uhugeint)::hugeint), 0)
        from (
            select md5_number(concat_ws({literal(SEPARATOR)}, {texts})) as digest
            from {relation}
        )
        """
    ).fetchone()
    assert row is not None
    header = SEPARATOR.join(f"{name} {kind}" for name, kind in columns)
    return _md5("\n".join([header, *(str(number) for number in row)]))


def release_hash(table_hashes: Mapping[str, str]) -> str:
    """The hash of a whole release, from the content hash of each of its tables."""
    lines = (f"{name} {digest}" for name, digest in sorted(table_hashes.items()))
    return _md5("\n".join(lines))


def _text(name: str, kind: str) -> str:
    column = identifier(name)
    if kind in FLOATS:
        # The addition turns -0 into 0.
        text = f"printf('%.12g', {column}::double + 0.0)"
    elif kind in UNAMBIGUOUS or kind.startswith("DECIMAL("):
        text = f"{column}::varchar"
    else:
        # The length in front: no value can pass for two values, or for NULL.
        text = f"strlen({column}::varchar)::varchar || ':' || {column}::varchar"
    return f"coalesce({text}, {literal(NULL)})"


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
