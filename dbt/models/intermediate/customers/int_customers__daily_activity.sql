select
    visitor_customers.customer_id,
    visitor_customers.person_id,
    activity.activity_on,
    activity.device,
    activity.os,
    activity.browser,
    {% for column in [
        'events', 'page_views', 'logins', 'carts', 'checkouts', 'declined_cards',
        'night_events', 'morning_events', 'afternoon_events', 'evening_events',
    ] %}
    cast(sum(activity.{{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for column in [
        'last_event_at', 'last_login_at', 'last_cart_at', 'last_checkout_at', 'last_no_card_at',
        'last_declined_at', 'last_missing_detail_at', 'last_order_at', 'search_order',
    ] %}
    max(activity.{{ column }}) as {{ column }},
    {% endfor %}
    max_by(activity.country, {{ in_order('activity.last_event_at', 'activity.country') }})
        filter (where activity.country is not null) as country,
    max_by(activity.last_search_term, activity.search_order) as last_search_term
from {{ ref('int_web__daily_activity') }} as activity
inner join {{ ref('int_identity__visitor_customers') }} as visitor_customers
    on {{ visitor_is_customer('activity', 'activity_on') }}
group by
    visitor_customers.customer_id, visitor_customers.person_id, activity.activity_on,
    activity.device, activity.os, activity.browser
