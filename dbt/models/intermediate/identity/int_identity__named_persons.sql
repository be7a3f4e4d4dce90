with members as (
    select
        components.component as unit,
        components.quarantined_component is not null as is_quarantined,
        identifiers.*
    from {{ source('identity', 'components') }} as components
    inner join {{ ref('int_identity__identifiers') }} as identifiers
        on
            components.id_type = identifiers.id_type
            and components.id_value = identifiers.id_value
),

-- A device carries no key along: it may be another's tomorrow.
previous as (
    select distinct id_type, id_value, person_id as key
    from {{ source('release', 'customer_identities') }}
    where person_id is not null and id_type in ('user_id', 'email_hash', 'phone_hash')
),

{{ stable_keys('p_') }}

select
    members.id_type,
    members.id_value,
    keys.key as person_id,
    members.first_seen_at,
    members.last_seen_at,
    members.source,
    members.is_role_mailbox,
    case
        when members.is_quarantined then 'quarantined'
        when members.is_role_mailbox then 'role_mailbox'
        when count(*) over (partition by members.unit) > 1 then 'named_together'
        else 'alone'
    end as link_rule
from members
inner join keys on members.unit = keys.unit
