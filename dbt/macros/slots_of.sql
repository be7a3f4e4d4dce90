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
            or coalesce(split_part(referrer, '/', 3), '') not in ('', coalesce(split_part(url, '/', 3), ''))
            then coalesce(utm_source, '') || chr(31) || coalesce(utm_medium, '') || chr(31) || coalesce(utm_campaign, '')
                || chr(31) || coalesce(referrer, '') || chr(31) || coalesce(split_part(url, '/', 3), '')
    end
{%- endmacro %}

{# What was looked for in one event: product, category, search term, feature, in one text.
   Only a page or a view counts for the first two: who buys does not look. #}
{% macro interest_text() -%}
    case
        when
            feature is not null or search_term is not null or (
                (product_id is not null or category is not null)
                and (event_type = 'page' or meaning = 'view')
            )
            then
                case when event_type = 'page' or meaning = 'view' then coalesce(product_id, '') else '' end
                || chr(31)
                || case when event_type = 'page' or meaning = 'view' then coalesce(category, '') else '' end
                || chr(31) || coalesce(search_term, '') || chr(31) || coalesce(feature, '')
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
        {{ interest_text() }} as interest
    from marked
)

select
    {{ keys | join(', ') }},
    slot,
    min(event_at) as started_at,
    max(event_at) as ended_at,
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
    {{ sorted_texts('interest') }} as interests
from described
group by {{ keys | join(', ') }}, slot
{% endmacro %}
