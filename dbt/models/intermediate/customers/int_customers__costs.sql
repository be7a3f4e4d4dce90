-- What a customer costs besides the goods, for the person concerned, else for the customer named.
with costs as (
    select
        'campaign' as kind,
        event_on as cost_on,
        user_id,
        email_hash,
        cast(null as varchar) as billing_customer_id,
        cast(cost as decimal(18, 4)) as amount
    from {{ ref('stg_campaigns__events') }}
    where cost <> 0
    union all
    select
        'handling',
        coalesce(closed_on, opened_on),
        user_id,
        email_hash,
        billing_customer_id,
        cast(handle_minutes * {{ threshold('handling_cost_per_minute') }} as decimal(18, 4))
    from {{ ref('stg_support__tickets') }}
    where handle_minutes > 0
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    coalesce(by_person.customer_id, by_billing.customer_id) as customer_id,
    costs.kind,
    costs.cost_on,
    sum(costs.amount) as amount
from costs
left join persons as by_user
    on by_user.id_type = 'user_id' and costs.user_id = by_user.id_value
left join persons as by_email
    on by_email.id_type = 'email_hash' and costs.email_hash = by_email.id_value
left join {{ ref('int_identity__person_customers') }} as by_person
    on
        coalesce(by_user.person_id, by_email.person_id) = by_person.person_id
        and costs.cost_on >= by_person.valid_from
        and costs.cost_on < by_person.valid_to
left join {{ ref('int_identity__billing_persons') }} as billing_persons
    on costs.billing_customer_id = billing_persons.billing_customer_id
left join {{ ref('int_identity__customers') }} as by_billing
    on billing_persons.unit = by_billing.unit
where coalesce(by_person.customer_id, by_billing.customer_id) is not null
group by coalesce(by_person.customer_id, by_billing.customer_id), costs.kind, costs.cost_on
