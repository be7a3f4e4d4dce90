select
    {{ tonight() }} as as_of_date,
    people.customer_id,
    people.person_id,
    case
        when people.is_billing_contact then 'billing_contact'
        when customers.is_billing_customer then 'member'
        else 'prospect'
    end as role,
    people.seniority,
    people.channels,
    people.is_primary,
    people.last_seen_at
from {{ ref('primary_people') }} as people
inner join {{ ref('int_identity__customers') }} as customers
    on people.customer_id = customers.customer_id
