{{ config(materialized='incremental', incremental_strategy='replace_touched_sessions') }}

{% if is_incremental() %}
with touched as (
    {{ touched_sessions(this) }}
),

dirty_dates as (
    select dirty_on from {{ source('night', 'dirty_dates') }}
),

-- Events of a touched date, and those of the sessions that will be replaced.
events as (
    select events.* from {{ ref('stg_web__events') }} as events
    where
        events.event_on in (select dirty_on from dirty_dates)
        or exists (
            select 1 from touched
            where
                touched.visitor_id = events.visitor_id
                and touched.tracker_session_id is not distinct from events.session_id
                and events.event_at between touched.started_at and touched.ended_at
        )
)
{% else %}
with events as (
    select * from {{ ref('stg_web__events') }}
)
{% endif %}

{{ sessions_of('events', 30) }}
