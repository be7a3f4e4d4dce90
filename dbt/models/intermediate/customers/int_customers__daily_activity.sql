select
    person_customers.customer_id,
    visitor_persons.person_id,
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
inner join {{ ref('int_identity__visitor_persons') }} as visitor_persons
    on
        activity.anonymous_id is not distinct from visitor_persons.anonymous_id
        and activity.user_id is not distinct from visitor_persons.user_id
inner join {{ ref('int_identity__person_customers') }} as person_customers
    on
        visitor_persons.person_id = person_customers.person_id
        and activity.activity_on >= person_customers.valid_from
        and activity.activity_on < person_customers.valid_to
group by person_customers.customer_id, visitor_persons.person_id, activity.activity_on
