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
    where events.event_on in (select dirty_on from dirty_dates)
    union all
    select events.* from {{ ref('stg_web__events') }} as events
    inner join touched
        on
            events.visitor_id = touched.visitor_id
            and events.session_id is not distinct from touched.tracker_session_id
            and events.event_at between touched.started_at and touched.ended_at
    where events.event_on not in (select dirty_on from dirty_dates)
)
{% else %}
with events as (
    select * from {{ ref('stg_web__events') }}
)
{% endif %}

{{ sessions_of('events', 30) }}
