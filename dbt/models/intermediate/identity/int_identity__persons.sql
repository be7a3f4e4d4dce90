with members as (
    select
        components.component as unit,
        identifiers.id_type,
        identifiers.id_value,
        identifiers.first_seen_at,
        identifiers.last_seen_at,
        identifiers.source
    from {{ source('identity', 'components') }} as components
    inner join {{ ref('int_identity__identifiers') }} as identifiers
        on
            components.id_type = identifiers.id_type
            and components.id_value = identifiers.id_value
),

previous as (
    select distinct id_type, id_value, person_id as key
    from {{ source('release', 'customer_identities') }}
    where person_id is not null and id_type not in ('billing_customer_id', 'account_id')
),

{{ stable_keys('p_') }}

select
    members.id_type,
    members.id_value,
    keys.key as person_id,
    members.first_seen_at,
    members.last_seen_at,
    members.source,
    max(members.id_type <> 'anonymous_id') over (partition by members.unit) as is_identified
from members
inner join keys on members.unit = keys.unit
