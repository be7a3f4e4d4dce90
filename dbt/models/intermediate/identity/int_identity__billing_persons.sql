with described as (
    select * from {{ ref('stg_billing__customers') }}
),

-- Money may arrive before, or without, the record of the customer who paid it.
mentioned as (
    select billing_customer_id, invoiced_on as seen_on from {{ ref('int_billing__invoice_lines') }}
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
        phone_hash,
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
        cast(null as varchar),
        cast(min(mentioned.seen_on) as timestamp),
        min(mentioned.seen_on)
    from mentioned
    left join described on mentioned.billing_customer_id = described.billing_customer_id
    where mentioned.billing_customer_id is not null and described.billing_customer_id is null
    group by mentioned.billing_customer_id
),

persons as (
    select * from {{ ref('int_identity__named_persons') }}
)

-- A mailbox that a role reads is the contact only when there is nobody else.
select
    {{ all_but('billing_customers', ['phone_hash']) }},
    coalesce(
        by_user.person_id,
        case when not by_email.is_role_mailbox then by_email.person_id end,
        by_phone.person_id,
        by_email.person_id
    ) as person_id,
    coalesce(
        'account|' || billing_customers.account_id,
        'billing|' || billing_customers.billing_customer_id
    ) as unit
from billing_customers
{% for name, id in [('user', 'user_id'), ('email', 'email_hash'), ('phone', 'phone_hash')] %}
left join persons as by_{{ name }}
    on by_{{ name }}.id_type = '{{ id }}' and billing_customers.{{ id }} = by_{{ name }}.id_value
{% endfor %}
