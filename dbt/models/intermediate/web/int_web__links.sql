{{ config(
    materialized='incremental', incremental_strategy='replace_dates', date_column='linked_on',
) }}

with events as (
    select * from {{ ref('stg_web__events') }}
    {% if is_incremental() %}
        where event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
    {% endif %}
)

select
    event_on as linked_on,
    anonymous_id,
    user_id,
    email_hash,
    phone_hash,
    account_id,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from events
group by event_on, anonymous_id, user_id, email_hash, phone_hash, account_id
