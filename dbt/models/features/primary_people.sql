with people as (
    select * from {{ ref('int_identity__person_customers') }}
    where valid_to = {{ end_of_time() }}
),

billing_contacts as (
    select distinct person_id from {{ ref('int_identity__billing_persons') }}
    where person_id is not null
),

last_seen as (
    select person_id, max(last_seen_at) as last_seen_at
    from {{ ref('int_identity__persons') }}
    group by person_id
)

-- The billing contact, else who was here last.
select
    people.customer_id,
    people.person_id,
    last_seen.last_seen_at,
    billing_contacts.person_id is not null as is_billing_contact,
    row_number() over (
        partition by people.customer_id
        order by
            (billing_contacts.person_id is not null) desc,
            last_seen.last_seen_at desc nulls last,
            people.person_id
    ) = 1 as is_primary
from people
left join billing_contacts on people.person_id = billing_contacts.person_id
left join last_seen on people.person_id = last_seen.person_id
