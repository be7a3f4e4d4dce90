{{ config(materialized='incremental', incremental_strategy='replace_touched_sessions') }}

{% if is_incremental() %}
with touched as (
    {{ touched_sessions(this) }}
),

dirty_dates as (
    select dirty_on from {{ source('night', 'dirty_dates') }}
),

-- Slots of a touched date, and those of the sessions that will be replaced.
slots as (
    select slots.* from {{ ref('int_web__slots') }} as slots
    where slots.event_on in (select dirty_on from dirty_dates)
    union all
    select slots.* from {{ ref('int_web__slots') }} as slots
    inner join touched
        on
            coalesce(slots.anonymous_id, slots.user_id) = touched.visitor_id
            and slots.session_id is not distinct from touched.tracker_session_id
            and slots.started_at between touched.started_at and touched.ended_at
    where slots.event_on not in (select dirty_on from dirty_dates)
)
{% else %}
with slots as (
    select * from {{ ref('int_web__slots') }}
)
{% endif %}

{{ sessions_of('slots', session_gap_minutes()) }}
