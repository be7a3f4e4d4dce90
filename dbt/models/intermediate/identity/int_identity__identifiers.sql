{{ config(group='prepare') }}

with web_links as (
    select * from {{ ref('int_web__links') }}
),

billing_customers as (
    select * from {{ ref('stg_billing__customers') }}
),

answers as (
    select * from {{ ref('stg_survey__responses') }}
),

sightings as (
    {% for column in ['anonymous_id', 'user_id', 'email_hash', 'phone_hash'] %}
    select '{{ column }}' as id_type, {{ column }} as id_value, first_seen_at, last_seen_at, 'web' as feed
    from web_links
    union all
    {% endfor %}
    {% for column in ['user_id', 'email_hash', 'phone_hash'] %}
    select '{{ column }}', {{ column }}, created_at, created_at, 'billing' from billing_customers
    union all
    {% endfor %}
    select 'user_id', user_id, submitted_at, submitted_at, 'survey' from answers
    union all
    select 'email_hash', email_hash, submitted_at, submitted_at, 'survey' from answers
)

select
    sightings.id_type,
    sightings.id_value,
    min(sightings.first_seen_at) as first_seen_at,
    max(sightings.last_seen_at) as last_seen_at,
    min(sightings.feed) as source
from sightings
left join {{ ref('identity_blocked_values') }} as blocked
    on
        sightings.id_type = blocked.id_type
        and lower(trim(sightings.id_value)) = blocked.id_value
where sightings.id_value is not null and blocked.id_value is null
group by sightings.id_type, sightings.id_value
