{{ config(
    materialized='incremental', incremental_strategy='replace_dates', date_column='linked_on',
) }}

select
    event_on as linked_on,
    anonymous_id,
    user_id,
    email_hash,
    phone_hash,
    account_id,
    min(started_at) as first_seen_at,
    max(ended_at) as last_seen_at
from {{ ref('int_web__slots') }}
{% if is_incremental() %}
    where event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
{% endif %}
group by event_on, anonymous_id, user_id, email_hash, phone_hash, account_id
