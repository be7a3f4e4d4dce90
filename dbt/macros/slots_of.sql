{# A session ends after more than so many minutes without an event. #}
{% macro session_gap_minutes() %}
    {{ return(30) }}
{% endmacro %}

{# Where a visit says that it comes from: source, medium, campaign, referrer and the host
   that was visited, in one text. NULL when it says nothing or comes from this very host. #}
{% macro touch_text() -%}
    case
        when
            utm_source is not null or utm_medium is not null or utm_campaign is not null
            -- Not simply <>: the engine cannot compare a part of a column without any value.
            or referrer is not null
            and coalesce(split_part(referrer, '/', 3), '') not in ('', coalesce(split_part(url, '/', 3), ''))
            then concat_ws(
                chr(31), coalesce(utm_source, ''), coalesce(utm_medium, ''), coalesce(utm_campaign, ''),
                coalesce(referrer, ''), coalesce(split_part(url, '/', 3), '')
            )
    end
{%- endmacro %}

{# Product and category that were looked at, in one text. Only a page or a view counts:
   who buys does not look. #}
{% macro view_text() -%}
    case
        when (product_id is not null or category is not null) and (event_type = 'page' or meaning = 'view')
            then concat_ws(chr(31), coalesce(product_id, ''), coalesce(category, ''))
    end
{%- endmacro %}

{# One row per business day, set of identifiers, tracker session, device and slot of time
   of a relation of events: all that anybody wants to know of events, in one pass. #}
{% macro slots_of(events, minutes) %}
{% set keys = [
    'event_on', 'anonymous_id', 'user_id', 'email_hash', 'phone_hash', 'account_id',
    'session_id', 'device_type', 'os', 'browser', 'country',
] %}
, marked as (
    select
        {{ all_but('events', ['search_term']) }},
        nullif(lower(trim(events.search_term)), '') as search_term,
        meanings.meaning,
        {{ slot_of('events.event_at', minutes) }} as slot,
        {{ event_order('events.event_at', 'events.event_number') }} as event_order
    from {{ events }} as events
    left join {{ ref('event_meanings') }} as meanings
        on lower(events.event_name) = meanings.event_name
),

described as (
    select
        *,
        {{ touch_text() }} as touch,
        {{ view_text() }} as viewed
    from marked
)

select
    {{ keys | join(', ') }},
    slot,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    min(event_order) as first_order,
    max(event_order) as last_order,
    count(*) as events,
    count(*) filter (where event_type = 'page') as page_views,
    {% for meaning, column in {
        'login': 'logins', 'cart': 'carts', 'checkout': 'checkouts', 'declined': 'declined_cards',
    }.items() %}
    count(*) filter (where meaning = '{{ meaning }}') as {{ column }},
    {% endfor %}
    {% for meaning in ['login', 'cart', 'checkout', 'no_card', 'declined', 'missing_detail', 'order'] %}
    max(event_at) filter (where meaning = '{{ meaning }}') as last_{{ meaning }}_at,
    {% endfor %}
    min(event_order) filter (where url is not null) as landing_order,
    min_by(url, event_order) filter (where url is not null) as landing_url,
    min(event_order) filter (where touch is not null) as touch_order,
    min_by(touch, event_order) filter (where touch is not null) as touch,
    max(event_order) filter (where search_term is not null) as search_order,
    max_by(search_term, event_order) filter (where search_term is not null) as last_search_term,
    {{ sorted_texts('viewed') }} as views,
    {{ sorted_texts('search_term') }} as searches,
    {{ sorted_texts('feature') }} as features
from described
group by {{ keys | join(', ') }}, slot
{% endmacro %}
