{# One row per session of a relation of slots (slots_of) of `gap_minutes`. The tracker's own
   session counts when it is given; otherwise a session ends after more than the gap
   without an event. Several rows of one slot overlap, hence the latest end so far. #}
{% macro sessions_of(slots, gap_minutes) %}
, ordered as (
    select
        *,
        coalesce(anonymous_id, user_id) as visitor_id,
        max(ended_at) over (
            partition by coalesce(anonymous_id, user_id), session_id
            order by slot, started_at, ended_at
            rows between unbounded preceding and 1 preceding
        ) as seen_until
    from {{ slots }}
),

numbered as (
    select
        *,
        sum(case
            when seen_until is null then 1
            when session_id is null and {{ minutes_after('seen_until', gap_minutes) }} < started_at then 1
            else 0
        end) over (
            partition by visitor_id, session_id
            order by slot, started_at, ended_at
            rows between unbounded preceding and current row
        ) as session_number
    from ordered
),

sessions as (
    select
        visitor_id,
        session_id as tracker_session_id,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        cast(sum(events) as bigint) as events,
        cast(sum(page_views) as bigint) as page_views,
        min_by(landing_url, landing_order) as landing_url,
        min_by(touch, touch_order) as touch,
        max_by(user_id, last_order) filter (where user_id is not null) as user_id,
        max_by(anonymous_id, last_order) filter (where anonymous_id is not null) as anonymous_id,
        min(first_order) as session_order,
        min(event_on) as started_on
    from numbered
    group by visitor_id, session_id, session_number
),

{{ channels_of('sessions') }}

select
    {{ stable_key('s_', "sessions.visitor_id || '|' || coalesce(sessions.tracker_session_id, cast(sessions.started_at as varchar))") }} as session_id,
    sessions.visitor_id,
    sessions.tracker_session_id,
    sessions.started_at,
    sessions.ended_at,
    sessions.events,
    sessions.page_views,
    sessions.landing_url,
    split_part(split_part(sessions.landing_url, '?', 1), '#', 1) as entry_page,
    channels.utm_source,
    channels.utm_medium,
    channels.utm_campaign,
    channels.referrer,
    coalesce(channels.source, '(direct)') as source,
    coalesce(channels.medium, '(none)') as medium,
    channels.campaign,
    coalesce(channels.channel, 'direct') as channel,
    sessions.user_id,
    sessions.anonymous_id,
    sessions.started_on,
    sessions.session_order,
    {{ business_day(minutes_before('sessions.started_at', gap_minutes)) }} as touches_from_on,
    {{ business_day(minutes_after('sessions.ended_at', gap_minutes)) }} as touches_until_on
from sessions
left join channels on sessions.touch = channels.touch
{% endmacro %}
