"""The queries of a profile, with gaps for the columns of a feed; see `profile.py`."""

MEASURES = """
create or replace temp table profile_measures (
    file_id varchar, column_name varchar, rows bigint, nulls bigint, lowest varchar,
    highest varchar, distinct_values bigint, value_counts varchar
)
"""

# An empty Parquet file has no chunk to describe its columns.
FOOTERS = """
with chunks as (
    select
        parse_filename(file_name, true) as file_id,
        path_in_schema as column_name,
        sum(num_values) as rows,
        if(count(*) = count(stats_null_count), sum(stats_null_count), null) as nulls,
        {limits}
    from parquet_metadata({paths})
    group by all
),
wanted as (
    select parse_filename(path, true) as file_id, column_name
    from unnest({paths}) as p (path), unnest({columns}) as c (column_name)
)
select
    file_id,
    column_name,
    coalesce(chunks.rows, 0)::bigint as rows,
    if(chunks.rows is null, 0, chunks.nulls)::bigint as nulls,
    coalesce({lowest}) as lowest,
    coalesce({highest}) as highest
from wanted left join chunks using (file_id, column_name)
"""

# Business days are not masked: they look like numbers.
VALUES = """
with counted as (
    select filename, {columns}, count(*) as rows, grouping({columns}) as which
    from (select filename, {expressions} from read_parquet({paths}, filename = true))
    group by grouping sets ({sets})
),
named as (
    select
        parse_filename(filename, true) as file_id,
        case which {names} end as column_name,
        coalesce({texts}) as value,
        sum(rows)::bigint as rows
    from counted
    group by all
),
ranked as (
    select *, row_number() over (
        partition by file_id, column_name order by value desc) as place
    from named where value is not null
),
gathered as (
    select
        file_id,
        column_name,
        count(*) as distinct_values,
        list({{'key': value, 'value': rows}} order by value)
            filter (where column_name <> {day} or place <= {most_days}) as entries
    from ranked
    group by all
)
select
    file_id,
    column_name,
    distinct_values,
    if(column_name = {day} or distinct_values <= {most_values},
        cast(to_json(map_from_entries(entries)) as varchar), null) as value_counts
from gathered
"""
