with devices as (
    select
        anonymous_id,
        min(person_id) as person_id
    from {{ ref('int_identity__sign_ins') }}
    group by anonymous_id
    having count(distinct person_id) = 1
)

select
    id_type,
    id_value,
    person_id,
    first_seen_at,
    last_seen_at,
    source,
    is_role_mailbox,
    link_rule
from {{ ref('int_identity__named_persons') }}
union all
-- A device on which one person alone was seen is that person's, before the sign-in too.
select
    identifiers.id_type,
    identifiers.id_value,
    devices.person_id,
    identifiers.first_seen_at,
    identifiers.last_seen_at,
    identifiers.source,
    false,
    'seen_with_one_person'
from devices
inner join {{ ref('int_identity__identifiers') }} as identifiers
    on identifiers.id_type = 'anonymous_id' and devices.anonymous_id = identifiers.id_value
