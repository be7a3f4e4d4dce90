with current_customers as (
    select person_id, customer_id from {{ ref('int_identity__person_customers') }}
    where valid_to = {{ end_of_time() }}
),

billing as (
    select
        billing_persons.billing_customer_id,
        billing_persons.account_id,
        billing_persons.person_id,
        billing_persons.created_at,
        customers.customer_id
    from {{ ref('int_identity__billing_persons') }} as billing_persons
    inner join {{ ref('int_identity__customers') }} as customers
        on billing_persons.unit = customers.unit
),

identifiers as (
    select
        persons.id_type,
        persons.id_value,
        persons.person_id,
        current_customers.customer_id,
        persons.source,
        persons.first_seen_at,
        case when persons.id_type = 'anonymous_id' then 'seen_with_a_user' else 'given' end as link_rule
    from {{ ref('int_identity__persons') }} as persons
    left join current_customers on persons.person_id = current_customers.person_id
    where persons.is_identified
    union all
    select 'billing_customer_id', billing_customer_id, person_id, customer_id, 'billing', created_at, 'given'
    from billing
    union all
    select
        'account_id', account_id, cast(null as varchar), min(customer_id), 'billing', min(created_at), 'given'
    from billing
    where account_id is not null
    group by account_id
)

select
    {{ tonight() }} as as_of_date,
    *
from identifiers
