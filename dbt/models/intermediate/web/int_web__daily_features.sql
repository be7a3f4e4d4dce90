{{ config(
    materialized='incremental', incremental_strategy='replace_dates', date_column='used_on',
) }}

select
    event_on as used_on,
    anonymous_id,
    user_id,
    feature,
    count(*) as uses
from {{ ref('stg_web__events') }}
where
    feature is not null
    {% if is_incremental() %}
        and event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
    {% endif %}
group by event_on, anonymous_id, user_id, feature
