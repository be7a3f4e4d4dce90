with required as (
    select
        feed,
        max(case when required then 1 else 0 end) = 1 as is_required
    from {{ source('night', 'sources') }}
    group by feed
),

files as (
    select
        feed,
        count(*) as files,
        count(*) filter (where is_new) as new_files,
        coalesce(sum(loaded) filter (where is_new), 0) as new_rows,
        max(first_seen_at) as last_file_at
    from {{ source('night', 'files') }}
    where status = 'loaded'
    group by feed
),

days as (
    select
        feed,
        max(newest_on) as last_event_on
    from {{ source('night', 'deliveries') }}
    where is_mounted
    group by feed
)

select
    {{ tonight() }} as as_of_date,
    feeds.feed,
    feeds.is_present,
    coalesce(required.is_required, false) as is_required,
    coalesce(files.files, 0) as files,
    coalesce(files.new_files, 0) as new_files,
    cast(coalesce(files.new_rows, 0) as bigint) as new_rows,
    files.last_file_at,
    days.last_event_on,
    {{ days_between('days.last_event_on', tonight()) }} as days_old
from {{ source('night', 'feeds') }} as feeds
left join required on feeds.feed = required.feed
left join files on feeds.feed = files.feed
left join days on feeds.feed = days.feed
