with as_of_dates as (
    select * from {{ source('night', 'as_of_dates') }}
),

activity as (
    select
        as_of_dates.as_of_date,
        activity.*,
        {{ device_class('activity.device_type') }} as device
    from {{ ref('int_customers__daily_activity') }} as activity
    inner join as_of_dates
        on
            activity.activity_on <= as_of_dates.as_of_date
            and activity.activity_on > {{ days_before('as_of_dates.as_of_date', 90) }}
),

-- Most events first, ties by the later day, then by the word.
{% for column in ['device', 'os', 'browser'] %}
main_{{ column }} as (
    select
        customer_id,
        as_of_date,
        {{ column }} as word
    from activity
    where {{ column }} is not null
    group by customer_id, as_of_date, {{ column }}
    qualify
        row_number() over (
            partition by customer_id, as_of_date
            order by sum(events) desc, max(activity_on) desc, {{ column }} asc
        ) = 1
),
{% endfor %}

dayparts as (
    select
        customer_id,
        as_of_date,
        coalesce(sum(events) filter (where device = 'mobile'), 0) as mobile_events,
        sum(events) filter (where device is not null) as device_events,
        sum(night_events) as night_events,
        sum(morning_events) as morning_events,
        sum(afternoon_events) as afternoon_events,
        sum(evening_events) as evening_events
    from activity
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    main_device.word as main_device_90d,
    main_os.word as main_os_90d,
    main_browser.word as main_browser_90d,
    cast(round(
        cast(dayparts.mobile_events as double) / nullif(dayparts.device_events, 0), 4
    ) as decimal(5, 4)) as mobile_share_90d,
    -- Ties go to the earlier part of the working day.
    case greatest(morning_events, afternoon_events, evening_events, night_events)
        when morning_events then 'morning'
        when afternoon_events then 'afternoon'
        when evening_events then 'evening'
        when night_events then 'night'
    end as main_daypart_90d
from {{ ref('customer_spine') }} as spine
left join dayparts
    on spine.customer_id = dayparts.customer_id and spine.as_of_date = dayparts.as_of_date
{% for column in ['device', 'os', 'browser'] %}
left join main_{{ column }}
    on spine.customer_id = main_{{ column }}.customer_id and spine.as_of_date = main_{{ column }}.as_of_date
{% endfor %}
