select
    visitor_customers.customer_id,
    visitor_customers.person_id,
    activity.activity_on,
    cast(sum(activity.events) as bigint) as events,
    cast(sum(activity.page_views) as bigint) as page_views,
    cast(sum(activity.logins) as bigint) as logins,
    cast(sum(activity.carts) as bigint) as carts,
    cast(sum(activity.declined_cards) as bigint) as declined_cards,
    max(activity.last_event_at) as last_event_at,
    max_by(activity.country, {{ in_order('activity.last_event_at', 'activity.country') }})
        filter (where activity.country is not null) as country
from {{ ref('int_web__daily_activity') }} as activity
inner join {{ ref('int_identity__visitor_customers') }} as visitor_customers
    on {{ visitor_is_customer('activity', 'activity_on') }}
group by visitor_customers.customer_id, visitor_customers.person_id, activity.activity_on
