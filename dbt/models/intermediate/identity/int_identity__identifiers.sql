{{ config(group='prepare') }}

with sightings as (
    select * from {{ ref('int_identity__sightings') }}
),

identifiers as (
    {% for id in ['anonymous_id', 'user_id', 'email_hash', 'phone_hash'] %}
    select
        '{{ id }}' as id_type,
        {{ id }} as id_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        min(feed) as source
    from sightings
    where {{ id }} is not null
    group by {{ id }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

role_mailboxes as (
    select distinct pii.email_hash
    from {{ ref('stg_pii__contacts') }} as pii
    inner join {{ ref('identity_role_mailboxes') }} as roles
        on split_part(split_part(lower(trim(pii.email)), '@', 1), '+', 1) = roles.local_part
),

-- What no feed dates was first seen in the night that saw it first.
undated as (
    select id_type, id_value, min(first_seen_at) as first_seen_at
    from {{ source('release', 'customer_identities') }}
    group by id_type, id_value
)

select
    identifiers.id_type,
    identifiers.id_value,
    coalesce(
        identifiers.first_seen_at, undated.first_seen_at, cast({{ tonight() }} as timestamp)
    ) as first_seen_at,
    identifiers.last_seen_at,
    identifiers.source,
    role_mailboxes.email_hash is not null as is_role_mailbox
from identifiers
left join undated
    on
        identifiers.first_seen_at is null
        and identifiers.id_type = undated.id_type
        and identifiers.id_value = undated.id_value
left join role_mailboxes
    on identifiers.id_type = 'email_hash' and identifiers.id_value = role_mailboxes.email_hash
