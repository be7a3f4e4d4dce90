"""What a raw file holds, column by column, without its rows: the profile of a file.

A function of the file alone. Rows, NULLs and limits come from the footer of the Parquet
file; only columns with few values and the business date are read. Nothing is judged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.masking import masked_text
from dagster_project.ingest.profile_sql import FOOTERS, MEASURES, VALUES
from dagster_project.warehouse import identifier, literal, parquet_list

#: Columns with few values, by name; those of kind `currency` and those whose values
#: `feeds.yml` lists are so anyway. Free text and personal values never are.
DOMAINS = {
    *("channel", "climate", "country", "device_type", "kind", "language", "plan"),
    *("priority", "purpose", "seniority", "sentiment", "status", "tier", "type"),
}

#: With more values than this a column has no small domain, and none is shown. There
#: are about 250 countries.
MOST_VALUES = 300

#: The newest business days of a file that are counted.
MOST_DAYS = 60

#: A quarter of an hour lies in one business day in every time zone.
QUARTER = 15 * 60 * 1_000_000

LIMITED = {"TIMESTAMP": "TIMESTAMP", "DATE": "DATE", "BIGINT": "BIGINT"}
LIMITED |= {"DECIMAL(18,4)": "DECIMAL(38,4)", "DECIMAL(18, 4)": "DECIMAL(38,4)"}


@dataclass(frozen=True)
class _Counted:
    """A column whose values are counted: how it is grouped, and read back as text."""

    name: str
    expression: str
    text: str


def profiled_columns(feed: FeedSpec) -> dict[str, str]:
    """The raw columns that say something about a delivery, and their SQL types."""
    return {name: t for name, t in feed.columns.items() if not name.startswith("_")}


def domain_columns(feed: FeedSpec) -> tuple[str, ...]:
    """The columns of a feed that have few values."""
    return tuple(
        name
        for name, kind in feed.fields.items()
        if name in DOMAINS or name in feed.values or kind == "currency"
    )


def measure_files(
    connection: duckdb.DuckDBPyConnection,
    feed: FeedSpec,
    paths: Iterable[Path],
    timezone: str,
) -> None:
    """Add rows (file, column) to the temporary table `profile_measures`.

    `paths` are raw files of the feed, named by their file id; `timezone` is that of
    the business day. `begin_measuring` makes the table.
    """
    files = parquet_list(paths)
    connection.execute(f"""
        insert into profile_measures
        select footers.*, counted.* exclude (file_id, column_name)
        from ({_footers_sql(feed, files)}) as footers
        left join ({_values_sql(feed, files, timezone)}) as counted
            using (file_id, column_name)""")


def begin_measuring(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `profile_measures`, empty."""
    connection.execute(MEASURES)


def _footers_sql(feed: FeedSpec, files: str) -> str:
    columns = profiled_columns(feed)
    types = sorted({LIMITED[t] for t in columns.values() if t in LIMITED})
    kinds = [(n, t) for n, t in enumerate(types)]
    limits = ", ".join(
        f"{end}(case when path_in_schema in ({_names(columns, kind)})"
        f" then try_cast(stats_{end}_value as {kind}) end) as {end}_{n}"
        for n, kind in kinds
        for end in ("min", "max")
    )
    return FOOTERS.format(
        paths=files,
        columns=f"[{', '.join(literal(name) for name in columns)}]",
        limits=limits or "null as min_none",
        lowest=", ".join(["null", *(f"min_{n}::varchar" for n, _ in kinds)]),
        highest=", ".join(["null", *(f"max_{n}::varchar" for n, _ in kinds)]),
    )


def _names(columns: dict[str, str], kind: str) -> str:
    return ", ".join(literal(c) for c, t in columns.items() if LIMITED.get(t) == kind)


def _values_sql(feed: FeedSpec, files: str, timezone: str) -> str:
    counted = [_domain(name) for name in domain_columns(feed)]
    if feed.business_date:
        counted.append(_business_day(feed, feed.business_date, timezone))
    if not counted:
        nothing = "null::varchar as file_id, null::varchar as column_name"
        more = "null::bigint as distinct_values, null::varchar as value_counts"
        return f"select {nothing}, {more} where false"
    columns = [identifier(one.name) for one in counted]
    # `grouping` has a bit for each column, 0 for the one that is grouped by.
    last = len(counted) - 1
    masks = [2 ** len(counted) - 1 - 2 ** (last - n) for n in range(len(counted))]
    return VALUES.format(
        paths=files,
        columns=", ".join(columns),
        expressions=", ".join(
            f"{one.expression} as {column}"
            for one, column in zip(counted, columns, strict=True)
        ),
        sets=", ".join(f"(filename, {column})" for column in columns),
        names=" ".join(
            f"when {mask} then {literal(one.name)}"
            for one, mask in zip(counted, masks, strict=True)
        ),
        texts=", ".join(one.text for one in counted),
        day=literal(feed.business_date or ""),
        most_days=MOST_DAYS,
        most_values=MOST_VALUES,
    )


def _domain(name: str) -> _Counted:
    column = identifier(name)
    return _Counted(name, column, masked_text(column))


def _business_day(feed: FeedSpec, name: str, timezone: str) -> _Counted:
    column = identifier(name)
    if feed.fields[name] == "date":
        return _Counted(name, column, f"cast({column} as varchar)")
    at = f"make_timestamp({column} * {QUARTER})"
    local = f"timezone({literal(timezone)}, timezone('UTC', {at}))"
    quarters = f"epoch_us({column}) // {QUARTER}"
    return _Counted(name, quarters, f"cast(cast({local} as date) as varchar)")
