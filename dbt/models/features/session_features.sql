with as_of_dates as (
    select * from {{ source('night', 'as_of_dates') }}
),

visits as (
    select
        sessions.*,
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
        min(started_on) as first_session_on,
        -- The first visit counts as it was; the last one that did not come directly.
        {% for column in ['channel', 'source', 'medium', 'campaign'] %}
        nullif(min_by(coalesce({{ column }}, ''), session_order), '') as first_{{ column }},
        nullif(coalesce(
            max_by(coalesce({{ column }}, ''), session_order) filter (where channel <> 'direct'),
            max_by(coalesce({{ column }}, ''), session_order)
        ), '') as last_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from visits
    group by customer_id, as_of_date
),

weekly as (
    select
        customer_id,
        as_of_date,
        weeks_ago,
        cast(count(*) as double) as sessions
    from visits
    where weeks_ago between 0 and 7
    group by customer_id, as_of_date, weeks_ago
),

trends as (
    select
        customer_id,
        as_of_date,
        count(*) as active_weeks_8w,
        sum(sessions) as total,
        sum(sessions * sessions) as squares,
        {{ slope_8w('sessions', 'weeks_ago') }} as slope
    from weekly
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    {% for column in ['sessions_total', 'sessions_30d', 'sessions_prev_30d'] %}
    {{ known_zero('sessions.' ~ column, 'web_is_known') }} as {{ column }},
    {% endfor %}
    {{ known_zero('trends.active_weeks_8w', 'web_is_known') }} as active_weeks_8w,
    round(cast({{ known_zero('trends.slope', 'web_is_known') }} as double), 6) as session_slope_8w,
    -- Who is not known for 8 weeks has no trend yet.
    case
        when {{ days_between('sessions.first_session_on', 'spine.as_of_date') }} >= 55
            then {{ trend_8w(
                'coalesce(trends.total, 0)', 'coalesce(trends.squares, 0)', 'coalesce(trends.slope, 0)'
            ) }}
    end as session_trend,
    {% for touch in ['first', 'last'] %}
    {% for column in ['channel', 'source', 'medium', 'campaign'] %}
    sessions.{{ touch }}_{{ column }},
    {% endfor %}
    {% endfor %}
    sessions.first_session_on
from {{ ref('customer_spine') }} as spine
left join sessions
    on spine.customer_id = sessions.customer_id and spine.as_of_date = sessions.as_of_date
left join trends
    on spine.customer_id = trends.customer_id and spine.as_of_date = trends.as_of_date
