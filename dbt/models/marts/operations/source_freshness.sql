with files as (
    select
        feed,
        count(*) as files,
        max(max_on) as last_event_on
    from {{ source('night', 'files') }}
    where status = 'loaded'
    group by feed
)

select
    {{ tonight() }} as as_of_date,
    feeds.feed,
    feeds.is_present,
    coalesce(files.files, 0) as files,
    files.last_event_on
from {{ source('night', 'feeds') }} as feeds
left join files on feeds.feed = files.feed
