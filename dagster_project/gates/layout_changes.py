"""Lays out how the columns of tonight's new files differ from those of earlier files.

Makes `night.schema_drift` from the layouts that ingest kept; judges nothing.
"""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.schema_drift import Columns, is_read

COLUMNS = pa.schema(
    [
        ("source", pa.string()),
        ("layout", pa.string()),
        ("column_name", pa.string()),
        ("kind", pa.string()),
        ("is_usual", pa.bool_()),
        ("is_read", pa.bool_()),
    ]
)

# Neighbouring files of one layout are one run, so that the cost goes with the changes
# of a source and not with the number of its files.
DRIFT = r"""
create or replace table night.schema_drift as
with files as (
    select
        source, feed, path, sequence, is_new, layout,
        (layout is distinct from
            lag(layout) over (partition by source order by sequence))::int as is_other
    from night.deliveries inner join file_layouts using (file_id)
),
numbered as (
    select *, sum(is_other) over (partition by source order by sequence) as run
    from files
),
runs as (
    select
        source, feed, layout, run,
        count(*) filter (where is_new) as new_files,
        bool_or(not is_new) as is_known,
        arg_min(path, sequence) filter (where is_new) as first_path,
        max(run) over (partition by source) as last_run
    from numbered
    group by source, feed, layout, run
),
held as (
    select runs.*, column_name, kind, is_usual, is_read
    from runs inner join source_columns using (source, layout)
),
spans as (
    select
        source, feed, column_name, last_run,
        min(run) as first_held,
        max(run) as last_held,
        sum(new_files)::bigint as new_files,
        bool_or(is_read) as is_read,
        arg_max(is_usual, run) as was_usual,
        arg_min(is_known, run) as is_known,
        arg_min(first_path, run) as first_path
    from held
    group by source, feed, column_name, last_run
),
added as (
    select
        source, feed, column_name, 'new' as change, first_path as first_seen_in,
        new_files as files, is_read, first_held = 1 as is_first_file, '' as detail
    from spans where not is_known and not is_read
),
lost as (
    select
        spans.source, spans.feed, column_name, 'vanished' as change,
        arg_min(runs.first_path, runs.run) as first_seen_in,
        sum(runs.new_files)::bigint as files,
        spans.is_read, false as is_first_file, '' as detail
    from spans inner join runs
        on runs.source = spans.source and runs.run > spans.last_held
    where was_usual
    group by spans.source, spans.feed, column_name, spans.is_read
    having not arg_min(runs.is_known, runs.run)
),
families as (
    select
        *,
        case
            when kind = '' then null
            when regexp_matches(kind, '\[\]$|^(STRUCT|MAP|LIST)') then 'nested'
            when regexp_matches(kind, 'INT|DOUBLE|FLOAT|DECIMAL') then 'number'
            when kind like 'TIMESTAMP%' then 'timestamp'
            else kind
        end as family
    from held
),
typed as (
    select
        *,
        lag(family) over by_column as earlier_family,
        lag(kind) over by_column as earlier_kind
    from families
    window by_column as (partition by source, column_name order by run)
),
retyped as (
    select
        source, feed, column_name, 'retyped' as change,
        arg_max(first_path, run) as first_seen_in,
        sum(new_files)::bigint as files,
        bool_or(is_read) as is_read, false as is_first_file,
        arg_max(earlier_kind || ' -> ' || kind, run) as detail
    from typed where family <> earlier_family and not is_known
    group by source, feed, column_name
)
from added union all from lost union all from retyped
order by source, change, column_name
"""


def lay_out_drift(
    connection: duckdb.DuckDBPyConnection,
    sources: Iterable[SourceSpec],
    layouts: Mapping[str, Columns],
    layout_of: Mapping[str, str],
) -> None:
    """Make `night.schema_drift` from `night.deliveries`.

    `layouts` are those that the ledger knows, `layout_of` names that of each file.
    A file of which none is known is left out.
    """
    by_name = {source.name: source for source in sources}
    pairs = _pairs(connection, layout_of)
    rows = [
        (name, layout, *column, is_read(by_name[name], column.name))
        for name, layout in pairs
        if name in by_name
        for column in layouts.get(layout, ())
    ]
    _register(connection, "source_columns", rows)
    connection.execute(DRIFT)
    for view in ("source_columns", "file_layouts"):
        connection.unregister(view)


def _pairs(
    connection: duckdb.DuckDBPyConnection, layout_of: Mapping[str, str]
) -> list[tuple[str, str]]:
    table = {
        "file_id": pa.array(list(layout_of), pa.string()),
        "layout": pa.array(list(layout_of.values()), pa.string()),
    }
    connection.register("file_layouts", pa.table(table))
    return connection.execute(
        "select distinct source, layout from night.deliveries"
        " inner join file_layouts using (file_id) order by all"
    ).fetchall()


def _register(
    connection: duckdb.DuckDBPyConnection, name: str, rows: list[tuple]
) -> None:
    columns = [list(values) for values in zip(*rows, strict=True)]
    columns = columns or [[] for _ in COLUMNS]
    connection.register(name, pa.table(columns, schema=COLUMNS))
