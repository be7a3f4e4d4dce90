with current_customers as (
    select person_id, customer_id from {{ ref('int_identity__person_customers') }}
    where valid_to = {{ end_of_time() }}
)

select
    {{ tonight() }} as as_of_date,
    consents.person_id,
    current_customers.customer_id,
    consents.purpose,
    consents.channel,
    consents.status,
    consents.since,
    consents.source
from {{ ref('int_consents__in_force') }} as consents
left join current_customers on consents.person_id = current_customers.person_id
