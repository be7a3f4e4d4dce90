-- A period counts with the rate of its first day, so that a currency that moves is no
-- expansion.
select
    customers.customer_id,
    subscriptions.subscription_id,
    subscriptions.agreement_id,
    subscriptions.starts_on,
    subscriptions.ends_on,
    subscriptions.plan,
    subscriptions.tier,
    subscriptions.currency,
    cast(subscriptions.monthly_amount as decimal(18, 4)) as original_amount,
    {{ in_reporting_currency('subscriptions.monthly_amount', 'rates.rate') }} as monthly_amount
from {{ ref('int_billing__subscription_periods') }} as subscriptions
inner join {{ ref('int_identity__billing_persons') }} as billing_persons
    on subscriptions.billing_customer_id = billing_persons.billing_customer_id
inner join {{ ref('int_identity__customers') }} as customers
    on billing_persons.unit = customers.unit
left join {{ ref('int_billing__rates') }} as rates
    on
        subscriptions.currency = rates.currency
        and subscriptions.starts_on >= rates.valid_from
        and subscriptions.starts_on < rates.valid_to
where
    coalesce(subscriptions.status, 'active') not in ({{ uncounted_statuses() }})
    and (subscriptions.ends_on is null or subscriptions.ends_on > subscriptions.starts_on)
