{# One row per session of a relation of events. The tracker's own session counts when it
   is given; otherwise a session ends after more than `gap_minutes` without an event.
   Slots first, then the gap: the same sessions as from every event, in half the work. #}
{% macro sessions_of(events, gap_minutes) %}
, slots as (
    select
        visitor_id,
        session_id as tracker_session_id,
        {{ half_hour_slot('event_at') }} as slot,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        count(*) as events,
        count(*) filter (where event_type = 'page') as page_views,
        min_by(url, {{ in_order('event_at', 'event_id') }}) filter (where url is not null) as landing_url,
        min_by(utm_source, {{ in_order('event_at', 'event_id') }}) filter (where utm_source is not null) as utm_source,
        max_by(user_id, {{ in_order('event_at', 'event_id') }}) filter (where user_id is not null) as user_id,
        max_by(anonymous_id, {{ in_order('event_at', 'event_id') }}) filter (where anonymous_id is not null) as anonymous_id
    from {{ events }}
    group by visitor_id, session_id, slot
),

marked as (
    select
        *,
        case
            when tracker_session_id is null
                and {{ minutes_after('lag(ended_at) over same_visitor', gap_minutes) }} >= started_at
                then 0
            when tracker_session_id is not null and row_number() over same_visitor > 1 then 0
            else 1
        end as begins_session
    from slots
    window same_visitor as (partition by visitor_id, tracker_session_id order by slot)
),

numbered as (
    select
        *,
        sum(begins_session) over (
            partition by visitor_id, tracker_session_id
            order by slot
            rows between unbounded preceding and current row
        ) as session_number
    from marked
),

sessions as (
    select
        visitor_id,
        tracker_session_id,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        cast(sum(events) as bigint) as events,
        cast(sum(page_views) as bigint) as page_views,
        min_by(landing_url, slot) filter (where landing_url is not null) as landing_url,
        min_by(utm_source, slot) filter (where utm_source is not null) as utm_source,
        max_by(user_id, slot) filter (where user_id is not null) as user_id,
        max_by(anonymous_id, slot) filter (where anonymous_id is not null) as anonymous_id
    from numbered
    group by visitor_id, tracker_session_id, session_number
)

select
    {{ stable_key('s_', "visitor_id || '|' || coalesce(tracker_session_id, cast(started_at as varchar))") }} as session_id,
    *,
    {{ business_day('started_at') }} as started_on,
    {{ business_day(minutes_before('started_at', gap_minutes)) }} as touches_from_on,
    {{ business_day(minutes_after('ended_at', gap_minutes)) }} as touches_until_on
from sessions
{% endmacro %}
