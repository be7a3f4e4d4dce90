{{ config(materialized='view') }}

-- No feature looks back further than 30 days, so that a night takes apart few lists.
with slots as (
    select
        visitor_customers.customer_id,
        slots.event_on,
        slots.views,
        slots.searches,
        slots.features
    from {{ ref('int_web__slots') }} as slots
    inner join {{ ref('int_identity__visitor_customers') }} as visitor_customers
        on {{ visitor_is_customer('slots', 'event_on') }}
    where
        slots.event_on > (
            select {{ days_before('min(as_of_date)', 30) }}
            from {{ source('night', 'as_of_dates') }}
        )
),

views as (
    select customer_id, event_on, {{ each_text('views') }} as viewed from slots
    where views is not null
),

interests as (
    select customer_id, event_on, 'product' as kind, split_part(viewed, chr(31), 1) as interest
    from views
    union all
    select customer_id, event_on, 'category', split_part(viewed, chr(31), 2)
    from views
    {% for kind, texts in {'search': 'searches', 'feature': 'features'}.items() %}
    union all
    select customer_id, event_on, '{{ kind }}', {{ each_text(texts) }} from slots
    where {{ texts }} is not null
    {% endfor %}
)

select
    customer_id,
    event_on as interest_on,
    kind,
    interest,
    count(*) as times
from interests
where interest <> ''
group by customer_id, event_on, kind, interest
