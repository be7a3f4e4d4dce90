{{ config(
    materialized='incremental', incremental_strategy='replace_dates', date_column='activity_on',
) }}

with slots as (
    select
        *,
        {{ business_hour('started_at') }} as hour
    from {{ ref('int_web__slots') }}
    {% if is_incremental() %}
        where event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
    {% endif %}
)

select
    event_on as activity_on,
    anonymous_id,
    user_id,
    device_type,
    os,
    browser,
    {% for column in ['events', 'page_views', 'logins', 'carts', 'checkouts', 'declined_cards'] %}
    cast(sum({{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for daypart, until in [('night', 6), ('morning', 12), ('afternoon', 18), ('evening', 24)] %}
    cast(coalesce(sum(events) filter (
        where hour >= {{ until - 6 }} and hour < {{ until }}
    ), 0) as bigint) as {{ daypart }}_events,
    {% endfor %}
    max(ended_at) as last_event_at,
    {% for step in ['login', 'cart', 'checkout', 'no_card', 'declined', 'missing_detail', 'order'] %}
    max(last_{{ step }}_at) as last_{{ step }}_at,
    {% endfor %}
    max_by(country, last_order) filter (where country is not null) as country,
    max(search_order) as search_order,
    max_by(last_search_term, search_order) filter (where search_order is not null) as last_search_term
from slots
group by event_on, anonymous_id, user_id, device_type, os, browser
