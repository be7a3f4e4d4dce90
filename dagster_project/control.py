"""The control tables of a night: what dbt, the gates and Python read about tonight.

Nothing here computes anything about customers.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import LedgerRow
from dagster_project.readings import readings
from dagster_project.settings import Settings
from dagster_project.warehouse import identifier, literal, parquet_list

PII_COLUMNS = [
    "feed",
    "email_hash",
    "phone_hash",
    "email",
    "phone",
    "name",
    "user_id",
    "billing_customer_id",
]

# The columns of a release that say whose a row is.
KEYS = ("person_id", "customer_id", "old_customer_id", "new_customer_id")

TONIGHT = """
create or replace table night.control as
select
    ?::date as as_of_date,
    ?::date as predecessor_as_of,
    ?::varchar as reporting_currency,
    ?::varchar as timezone
"""

# Month-ends on the first night, so that the first report already has a history.
AS_OF_DATES = """
create or replace table night.as_of_dates as
select as_of_date, true as is_tonight from night.control
union all
select last_day(month)::date, false
from night.control, generate_series(?::date, as_of_date, interval 1 month) as m (month)
where predecessor_as_of is null and last_day(month) < as_of_date
"""

FILES = """
create or replace table night.files (
    file_id varchar, source varchar, feed varchar, path varchar, bytes bigint,
    lines bigint, loaded bigint, quarantined bigint, known bigint, blank bigint,
    status varchar, reason varchar, first_seen_at timestamp, max_on date, is_new boolean
)
"""

SOURCES = """
create or replace table night.sources (
    source varchar, feed varchar, required boolean, is_present boolean,
    rejected_files bigint
)
"""


def write_control(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    predecessor_as_of: date | None,
    first_month: date,
) -> None:
    """Write `night.control` and the as-of spine."""
    connection.execute("create schema if not exists night")
    connection.execute(
        TONIGHT,
        [as_of, predecessor_as_of, settings.reporting_currency, settings.timezone],
    )
    connection.execute(AS_OF_DATES, [first_month.replace(day=1)])


def write_files(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[LedgerRow],
    sources: Iterable[SourceSpec],
    seen_before: set[str],
) -> None:
    """Write `night.files`, `night.sources` and `night.feeds`."""
    connection.execute(FILES)
    columns = [row[0] for row in connection.execute("describe night.files").fetchall()]
    _insert(
        connection,
        "night.files",
        [
            [getattr(f, c) for c in columns[:-1]] + [f.file_id not in seen_before]
            for f in _as_read(files)
        ],
    )
    _write_sources(connection, files, sources)
    present = {file.feed for file in files if _tells_of_its_feed(file)}
    connection.execute(
        "create or replace table night.feeds (feed varchar, is_present boolean)"
    )
    _insert(connection, "night.feeds", [[feed, feed in present] for feed in FEEDS])


def _as_read(files: Sequence[LedgerRow]) -> list[LedgerRow]:
    """A whole list that a newer one replaced is not read: it is superseded."""
    counting = readings(files)
    return [
        replace(f, status="superseded")
        if f.status == "loaded" and f.file_id not in counting
        else f
        for f in files
    ]


def _write_sources(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[LedgerRow],
    sources: Iterable[SourceSpec],
) -> None:
    connection.execute(SOURCES)
    _insert(
        connection,
        "night.sources",
        [
            [
                source.name,
                source.feed,
                source.required,
                any(f.source == source.name and _tells_of_its_feed(f) for f in files),
                sum(f.source == source.name and f.status == "rejected" for f in files),
            ]
            for source in sources
        ],
    )


def _tells_of_its_feed(file: LedgerRow) -> bool:
    """Whether a file was about the feed at all.

    Of a folder with many kinds of objects a source reads every file: one in which it
    wants nothing says nothing. A file with a header alone says that there is nothing.
    """
    return file.status == "loaded" and not (file.filtered and file.lines == file.blank)


def write_dirty_dates(
    connection: duckdb.DuckDBPyConnection, dates: Iterable[date]
) -> None:
    """Write the business dates that incremental models compute again."""
    connection.execute("create or replace table night.dirty_dates (dirty_on date)")
    _insert(connection, "night.dirty_dates", [[day] for day in sorted(set(dates))])


def mount_raw(
    connection: duckdb.DuckDBPyConnection,
    relations: dict[str, list[Path]],
    pii: list[Path],
    quarantine: list[Path],
) -> None:
    """Make `raw.<feed>`, `raw.pii` and `night.quarantine_rows` of tonight's files.

    A feed without a file is an empty table with the right columns.
    """
    connection.execute("create schema if not exists raw")
    for feed, spec in FEEDS.items():
        paths = relations.get(feed, [])
        columns = ", ".join(identifier(column) for column in spec.columns)
        query = (
            f"select {columns} from {_parquet(paths)}"
            if paths
            else spec.empty_table_sql()
        )
        connection.execute(f"create or replace view raw.{identifier(feed)} as {query}")
    _mount(connection, "raw.pii", pii, dict.fromkeys(PII_COLUMNS, "varchar"))
    _mount(
        connection,
        "night.quarantine_rows",
        quarantine,
        {
            "file_id": "varchar",
            "path": "varchar",
            "line": "bigint",
            "reason": "varchar",
            "raw": "blob",
        },
    )


def mount_release(
    connection: duckdb.DuckDBPyConnection,
    tables: dict[str, dict[str, str]],
    parquet: dict[str, list[Path]],
    erased: Collection[str] = (),
) -> None:
    """Make `release.<table>` with the columns that tonight's models expect.

    `tables` maps each table to its columns and types. A column that the predecessor did
    not have yet is NULL; without a predecessor every table is empty. Rows about erased
    persons and customers (`erased` holds their keys) are left out.
    """
    connection.execute("create schema if not exists release")
    for table, columns in tables.items():
        paths = parquet.get(table, [])
        _mount(connection, f"release.{table}", paths, columns, erased)


def _mount(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    paths: list[Path],
    columns: dict[str, str],
    erased: Collection[str] = (),
) -> None:
    if not paths:
        select = ", ".join(f"null::{t} as {identifier(c)}" for c, t in columns.items())
        connection.execute(f"create or replace view {name} as select {select} limit 0")
        return
    found = connection.execute(f"describe select * from {_parquet(paths)}").fetchall()
    known = {row[0] for row in found}
    select = ", ".join(
        f"{identifier(c) if c in known else 'null'}::{t} as {identifier(c)}"
        for c, t in columns.items()
    )
    named = [column for column in KEYS if column in known] if erased else []
    listed = ", ".join(literal(key) for key in sorted(erased))
    theirs = " or ".join(f"coalesce({column} in ({listed}), false)" for column in named)
    connection.execute(
        f"create or replace view {name} as select {select} from {_parquet(paths)}"
        f" where not ({theirs or 'false'})"
    )


def _parquet(paths: list[Path]) -> str:
    return f"read_parquet({parquet_list(paths)})"


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[list[Any]]
) -> None:
    if not rows:
        return
    columns = [pa.array(values) for values in zip(*rows, strict=True)]
    names = [f"c{n}" for n in range(len(columns))]
    connection.register("incoming", pa.table(columns, names=names))
    connection.execute(f"insert into {table} select * from incoming")
    connection.unregister("incoming")
