with described as (
    select * from {{ ref('stg_billing__customers') }}
),

-- Money may arrive before, or without, the record of the customer who paid it.
mentioned as (
    select billing_customer_id, invoiced_on as seen_on from {{ ref('stg_billing__invoice_lines') }}
    union all
    select billing_customer_id, starts_on from {{ ref('int_billing__subscription_periods') }}
    union all
    select billing_customer_id, paid_on from {{ ref('stg_billing__payments') }}
),

billing_customers as (
    select
        billing_customer_id,
        user_id,
        email_hash,
        account_id,
        country,
        region,
        currency,
        created_at,
        created_on
    from described
    union all
    select
        mentioned.billing_customer_id,
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        cast(min(mentioned.seen_on) as timestamp),
        min(mentioned.seen_on)
    from mentioned
    left join described on mentioned.billing_customer_id = described.billing_customer_id
    where mentioned.billing_customer_id is not null and described.billing_customer_id is null
    group by mentioned.billing_customer_id
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    billing_customers.*,
    coalesce(by_user.person_id, by_email.person_id) as person_id,
    coalesce(
        'account|' || billing_customers.account_id,
        'billing|' || billing_customers.billing_customer_id
    ) as unit
from billing_customers
left join persons as by_user
    on by_user.id_type = 'user_id' and billing_customers.user_id = by_user.id_value
left join persons as by_email
    on by_email.id_type = 'email_hash' and billing_customers.email_hash = by_email.id_value
