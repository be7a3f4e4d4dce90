{{ config(
    materialized='incremental', incremental_strategy='replace_dates', date_column='event_on',
) }}

-- The only model that reads events: a pass over all of them is what costs.
with events as (
    select * from {{ ref('stg_web__events') }}
    {% if is_incremental() %}
        where
            event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
            and _file_id in (select file_id from {{ source('night', 'dirty_files') }})
    {% endif %}
)

{{ slots_of('events', session_gap_minutes()) }}
