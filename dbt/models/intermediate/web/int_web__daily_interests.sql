{{ config(
    materialized='incremental', incremental_strategy='replace_dates', date_column='interest_on',
) }}

with texts as (
    select
        event_on,
        anonymous_id,
        user_id,
        {{ each_text('interests') }} as interest
    from {{ ref('int_web__slots') }}
    where
        interests is not null
        {% if is_incremental() %}
            and event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
        {% endif %}
),

-- Counted before they are taken apart.
counted as (
    select
        event_on,
        anonymous_id,
        user_id,
        interest,
        count(*) as times
    from texts
    group by event_on, anonymous_id, user_id, interest
),

interests as (
    {% for kind in ['product', 'category', 'search', 'feature'] %}
    select
        event_on,
        anonymous_id,
        user_id,
        '{{ kind }}' as kind,
        split_part(interest, chr(31), {{ loop.index }}) as interest,
        times
    from counted
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    event_on as interest_on,
    anonymous_id,
    user_id,
    kind,
    interest,
    cast(sum(times) as bigint) as times
from interests
where interest <> ''
group by event_on, anonymous_id, user_id, kind, interest
