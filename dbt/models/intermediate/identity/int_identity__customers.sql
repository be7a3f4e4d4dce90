with current_people as (
    select person_id, unit from {{ ref('int_identity__person_units') }}
    where valid_to = {{ end_of_time() }}
),

members as (
    select unit, 'billing_customer_id' as id_type, billing_customer_id as id_value, created_at as first_seen_at
    from {{ ref('int_identity__billing_persons') }}
    union all
    select unit, 'account_id', account_id, min(created_at)
    from {{ ref('int_identity__billing_persons') }}
    where account_id is not null
    group by unit, account_id
    union all
    select current_people.unit, persons.id_type, persons.id_value, persons.first_seen_at
    from current_people
    inner join {{ ref('int_identity__named_persons') }} as persons
        on current_people.person_id = persons.person_id
),

-- People carry a key along only while they are prospects: an employee who changes firms
-- does not take the firm's key.
previous_prospects as (
    select customer_id from {{ source('release', 'customer_features') }}
    where not is_billing_customer
),

previous as (
    select id_type, id_value, customer_id as key
    from {{ source('release', 'customer_identities') }}
    where
        id_type in ('billing_customer_id', 'account_id')
        or (
            id_type <> 'anonymous_id'
            and customer_id in (select customer_id from previous_prospects)
        )
),

{{ stable_keys('c_') }},

seen as (
    select unit, first_seen_at from members
    union all
    select current_people.unit, devices.first_seen_at
    from current_people
    inner join {{ ref('int_identity__persons') }} as devices
        on current_people.person_id = devices.person_id
    where devices.id_type = 'anonymous_id'
),

first_seen as (
    select unit, min(first_seen_at) as first_seen_at from seen
    group by unit
)

select
    keys.unit,
    keys.key as customer_id,
    keys.is_new,
    keys.unit not like 'person|%' as is_billing_customer,
    case when keys.unit like 'account|%' then substr(keys.unit, 9) end as account_id,
    coalesce({{ business_day('first_seen.first_seen_at') }}, {{ tonight() }}) as first_seen_on
from keys
inner join first_seen on keys.unit = first_seen.unit
