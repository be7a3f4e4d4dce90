{{ config(group='prepare') }}

{# Where identifiers stand together. A feed gives its record as it is now, so that a
   corrected record takes the wrong link back. Last seen is what the person did. #}
{% set acted = "case when event_type in ('opened', 'clicked', 'replied', 'converted') then event_at end" %}
{% set feeds = [
    ('web', 'int_web__links', 'anonymous_id user_id email_hash phone_hash', 'first_seen_at', 'last_seen_at'),
    ('billing', 'stg_billing__customers', 'user_id email_hash phone_hash', 'created_at', 'created_at'),
    ('survey', 'stg_survey__responses', 'user_id email_hash', 'submitted_at', 'submitted_at'),
    ('crm', 'stg_crm__contacts', 'user_id email_hash phone_hash', 'known_since', 'cast(null as timestamp)'),
    ('support', 'stg_support__tickets', 'user_id email_hash', 'opened_at', 'opened_at'),
    ('campaigns', 'stg_campaigns__events', 'user_id email_hash', 'event_at', acted),
    ('consents', 'stg_consents__changes', 'user_id email_hash phone_hash', 'changed_at', 'changed_at'),
    ('catalogue', 'stg_catalogue__entitlements', 'user_id', 'starts_on', 'cast(null as date)'),
] %}
{% set ids = ['anonymous_id', 'user_id', 'email_hash', 'phone_hash'] %}
with blocked as (
    select * from {{ ref('identity_blocked_values') }}
),

named as (
    {% for feed, relation, columns, first_at, last_at in feeds %}
    select
        '{{ feed }}' as feed,
        {% for id in ids %}
        {{ id if id in columns.split() else 'cast(null as varchar)' }} as {{ id }},
        {% endfor %}
        cast(min({{ first_at }}) as timestamp) as first_seen_at,
        cast(max({{ last_at }}) as timestamp) as last_seen_at
    from {{ ref(relation) }}
    group by {{ columns.split() | join(', ') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Words that stand where an identifier should name nobody.
unblocked as (
    select
        named.feed,
        {% for id in ids %}
        {% if id in ['anonymous_id', 'user_id'] %}
        case when {{ id }}s.id_value is null then named.{{ id }} end as {{ id }},
        {% else %}
        named.{{ id }},
        {% endif %}
        {% endfor %}
        named.first_seen_at,
        named.last_seen_at
    from named
    {% for id in ['anonymous_id', 'user_id'] %}
    left join blocked as {{ id }}s
        on {{ id }}s.id_type = '{{ id }}' and lower(trim(named.{{ id }})) = {{ id }}s.id_value
    {% endfor %}
)

select * from unblocked
where coalesce(anonymous_id, user_id, email_hash, phone_hash) is not null
