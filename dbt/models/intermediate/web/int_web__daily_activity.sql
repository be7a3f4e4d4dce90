{{ config(
    materialized='incremental', incremental_strategy='replace_dates', date_column='activity_on',
) }}

with events as (
    select * from {{ ref('stg_web__events') }}
    {% if is_incremental() %}
        where event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
    {% endif %}
),

meanings as (
    select * from {{ ref('event_meanings') }}
)

select
    events.event_on as activity_on,
    events.anonymous_id,
    events.user_id,
    count(*) as events,
    count(*) filter (where events.event_type = 'page') as page_views,
    count(*) filter (where meanings.meaning = 'login') as logins,
    count(*) filter (where meanings.meaning = 'cart') as carts,
    count(*) filter (where meanings.meaning = 'checkout') as checkouts,
    count(*) filter (where meanings.meaning = 'declined') as declined_cards,
    max(events.event_at) as last_event_at,
    max_by(events.country, {{ in_order('events.event_at', 'events.event_id') }})
        filter (where events.country is not null) as country
from events
left join meanings on events.event_name = meanings.event_name
group by events.event_on, events.anonymous_id, events.user_id
