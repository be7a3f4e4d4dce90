with billing_customers as (
    select * from {{ ref('stg_billing__customers') }}
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
