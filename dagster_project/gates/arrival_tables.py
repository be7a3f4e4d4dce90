"""The SQL of what arrived: how new files differ from earlier ones, one row per file.

Reads the profiles alone, so that it costs the same whatever the size of a feed.
"""

from dagster_project.gates.arrival_columns import (
    arrivals_table,
    count_columns,
    null_columns,
    share_columns,
)
from dagster_project.ingest.feeds import FEEDS, FeedSpec
from dagster_project.warehouse import identifier, literal

#: Shares of fewer rows say little. Smaller files of one night and source are taken
#: together.
ENOUGH_ROWS = 50

CHANGES = """
create or replace table night.arrival_changes as
with profiles as (
    select *, if(rows >= {enough}, file_id, '') as unit from night.file_profiles
),
columns as (
    select
        source, is_new, if(is_new, unit, '') as unit, column_name,
        sum(rows) as rows, sum(nulls) / nullif(sum(rows), 0) as share
    from profiles where is_new or is_kept
    group by all having sum(rows) >= {enough}
),
nulls as (
    select
        new.source, new.unit, column_name,
        round(abs(new.share - usual.share), 4) as change
    from (select * from columns where is_new) as new
    inner join (select * from columns where not is_new) as usual
        using (source, column_name)
),
"values" as (
    select
        source, is_new, if(is_new, unit, '') as unit, column_name, value,
        sum(file_values.rows) as rows
    from profiles inner join night.file_values as file_values
        using (file_id, feed, column_name)
    where (is_new or is_kept) and (feed, column_name) not in ({days})
    group by all
),
shares as (
    select
        *,
        sum(rows) over (partition by source, is_new, unit, column_name) as of_rows,
        rows / of_rows as share
    from "values" qualify of_rows >= {enough}
),
pairs as (
    select distinct new.source, new.unit, column_name
    from (select * from shares where is_new) as new
    inner join (select * from shares where not is_new) as usual
        using (source, column_name)
),
tonight as (
    select pairs.*, value, share from pairs inner join (
        select * from shares where is_new) using (source, unit, column_name)
),
usual as (
    select pairs.*, value, share from pairs inner join (
        select * exclude (unit) from shares where not is_new
    ) using (source, column_name)
),
mixes as (
    select
        source, unit, column_name,
        round(sum(abs(
            coalesce(tonight.share, 0) - coalesce(usual.share, 0)
        )::decimal(18, 6)) / 2, 4) as change
    from tonight full join usual using (source, unit, column_name, value)
    group by all
)
select
    source, unit,
    max(change) filter (where what = 'nulls') as null_change,
    arg_max(column_name, (change, column_name)) filter (where what = 'nulls')
        as null_change_of,
    max(change) filter (where what = 'mix') as mix_change,
    arg_max(column_name, (change, column_name)) filter (where what = 'mix')
        as mix_change_of
from (
    select 'nulls' as what, * from nulls union all select 'mix', * from mixes
)
group by all
"""

ARRIVALS = """
create or replace table night.{table} as
with feeds as (
    select
        any_value(is_present) as is_present,
        coalesce((select bool_or(required) from night.sources where feed = {feed}),
            false) as is_required,
        max(deliveries.newest_on) filter (where is_mounted) as newest_on,
        any_value(control.as_of_date)
            - max(deliveries.newest_on) filter (where is_mounted) as days_old
    from night.feeds as feeds
    cross join night.control as control
    left join night.deliveries as deliveries using (feed)
    where feeds.feed = {feed}
),
files as (
    select
        deliveries.file_id, deliveries.source, deliveries.path,
        any_value(rows) as rows,
        any_value(lines) as lines,
        round(any_value(quarantined / nullif(lines, 0)), 4) as quarantined_share,
        if(any_value(rows) >= {enough}, deliveries.file_id, '') as unit,
        max(nulls / nullif(rows, 0)) filter (where column_name in ({required}))
            as required_nulls,
        {columns}
    from night.deliveries as deliveries
    inner join night.file_profiles as profiles using (file_id)
    where deliveries.feed = {feed} and deliveries.is_new
    group by deliveries.file_id, deliveries.source, deliveries.path
),
listed as (
    select file_id, {shares}
    from night.file_values where feed = {feed}
    group by file_id
)
select
    feeds.*,
    files.* exclude (unit),
    round(1 - least({listed}), 6) as unlisted_share,
    changes.* exclude (source, unit){shares_of_values}
from feeds
left join files on true
left join listed using (file_id)
left join night.arrival_changes as changes
    on changes.source = files.source and changes.unit = files.unit
order by path, file_id
"""


def changes_sql() -> str:
    """Makes `night.arrival_changes`: per new file, what moved most from the usual.

    `null_change` is the difference of two shares of NULLs, `mix_change` the total
    variation distance of two mixes of values (half the sum of the differences of their
    shares), each of the column for which it is largest. Usual are the kept files of
    the source that accepted nights have seen. Rows without a pooled unit are by file.
    """
    days = [
        f"({literal(feed.name)}, {literal(feed.business_date)})"
        for feed in FEEDS.values()
        if feed.business_date
    ]
    return CHANGES.format(enough=ENOUGH_ROWS, days=", ".join(days))


def arrival_table_sql(feed: FeedSpec) -> str:
    """Makes `night.arrivals__<feed>`: a row per new file, or one without a file."""
    nulls = [
        "round(max(nulls / nullif(rows, 0))"
        f" filter (where column_name = {literal(column)}), 6) as {identifier(name)}"
        for column, name in null_columns(feed).items()
    ]
    counts = [
        f"max(distinct_values) filter (where column_name = {literal(column)})"
        f" as {identifier(name)}"
        for column, name in count_columns(feed).items()
    ]
    shares = [_share(column, [value], name) for (column, value), name in _listed(feed)]
    known = [
        _share(column, values, f"{column}__listed")
        for column, values in feed.values.items()
    ]
    return ARRIVALS.format(
        table=identifier(arrivals_table(feed.name)),
        feed=literal(feed.name),
        enough=ENOUGH_ROWS,
        required=", ".join(literal(column) for column in feed.required) or "''",
        columns=", ".join(nulls + counts),
        shares=", ".join(shares + known) or "1 as nothing",
        shares_of_values="".join(f", {identifier(n)}" for _, n in _listed(feed)),
        listed=", ".join(identifier(f"{c}__listed") for c in feed.values) or "1",
    )


def _listed(feed: FeedSpec) -> list[tuple[tuple[str, str], str]]:
    return list(share_columns(feed).items())


def _share(column: str, values: list[str] | tuple[str, ...], name: str) -> str:
    named = ", ".join(literal(value) for value in values)
    of_column = f"filter (where column_name = {literal(column)})"
    of_values = f"filter (where column_name = {literal(column)} and value in ({named}))"
    share = f"coalesce(sum(rows) {of_values}, 0) / sum(rows) {of_column}"
    return f"round({share}, 6) as {identifier(name)}"
