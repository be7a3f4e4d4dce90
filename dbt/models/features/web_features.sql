with as_of_dates as (
    select * from {{ source('night', 'as_of_dates') }}
),

activity as (
    select
        activity.customer_id,
        as_of_dates.as_of_date,
        cast(sum(activity.events) as bigint) as events_total,
        cast(sum(activity.page_views) as bigint) as page_views_total,
        max(activity.last_event_at) as last_event_at,
        max(activity.activity_on) as last_event_on,
        max_by(activity.country, {{ in_order('activity.activity_on', 'activity.person_id') }})
            filter (where activity.country is not null) as web_country,
        {% for column in ['events', 'carts', 'declined_cards'] %}
        {% set days = 90 if column == 'declined_cards' else 30 %}
        cast(coalesce(sum(activity.{{ column }}) filter (
            where activity.activity_on > {{ days_before('as_of_dates.as_of_date', days) }}
        ), 0) as bigint) as {{ column }}_{{ days }}d,
        {% endfor %}
        count(distinct activity.activity_on) filter (
            where activity.activity_on > {{ days_before('as_of_dates.as_of_date', 30) }}
        ) as active_days_30d
    from {{ ref('int_customers__daily_activity') }} as activity
    inner join as_of_dates on activity.activity_on <= as_of_dates.as_of_date
    group by activity.customer_id, as_of_dates.as_of_date
),

session_weeks as (
    select
        sessions.customer_id,
        sessions.started_on,
        as_of_dates.as_of_date,
        {{ weeks_ago('sessions.started_on', 'as_of_dates.as_of_date') }} as weeks_ago
    from {{ ref('int_customers__sessions') }} as sessions
    inner join as_of_dates on sessions.started_on <= as_of_dates.as_of_date
),

sessions as (
    select
        customer_id,
        as_of_date,
        count(*) as sessions_total,
        count(*) filter (where started_on > {{ days_before('as_of_date', 30) }}) as sessions_30d,
        count(*) filter (
            where
                started_on > {{ days_before('as_of_date', 60) }}
                and started_on <= {{ days_before('as_of_date', 30) }}
        ) as sessions_prev_30d,
        {{ slope_8w('1', 'weeks_ago') }} as session_slope_8w
    from session_weeks
    group by customer_id, as_of_date
),

features as (
    select
        used.customer_id,
        as_of_dates.as_of_date,
        count(distinct used.feature) as features_used_30d
    from {{ ref('int_customers__features_used') }} as used
    inner join as_of_dates
        on
            used.used_on <= as_of_dates.as_of_date
            and used.used_on > {{ days_before('as_of_dates.as_of_date', 30) }}
    group by used.customer_id, as_of_dates.as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    {% for column in [
        'activity.events_total', 'activity.events_30d', 'activity.page_views_total',
        'activity.active_days_30d', 'activity.carts_30d', 'activity.declined_cards_90d',
        'sessions.sessions_total', 'sessions.sessions_30d', 'sessions.sessions_prev_30d',
        'features.features_used_30d',
    ] %}
    {{ known_zero(column, 'web_is_known') }} as {{ column.split('.')[1] }},
    {% endfor %}
    cast({{ known_zero('sessions.session_slope_8w', 'web_is_known') }} as double) as session_slope_8w,
    activity.last_event_at,
    activity.last_event_on,
    {{ days_between('activity.last_event_on', 'spine.as_of_date') }} as days_since_last_event,
    activity.web_country
from {{ ref('customer_spine') }} as spine
left join activity
    on spine.customer_id = activity.customer_id and spine.as_of_date = activity.as_of_date
left join sessions
    on spine.customer_id = sessions.customer_id and spine.as_of_date = sessions.as_of_date
left join features
    on spine.customer_id = features.customer_id and spine.as_of_date = features.as_of_date
