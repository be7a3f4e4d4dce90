select
    subscription_id,
    subscription_id as agreement_id,
    billing_customer_id,
    plan_id,
    starts_on,
    ends_on,
    plan,
    tier,
    monthly_amount,
    currency,
    quantity,
    status
from {{ ref('stg_billing__subscriptions') }}
union all
select
    subscription_id || '/' || item_id || '/' || cast(starts_on as varchar),
    subscription_id,
    billing_customer_id,
    plan_id,
    starts_on,
    ends_on,
    plan,
    tier,
    monthly_amount,
    currency,
    quantity,
    state
from {{ ref('int_billing__item_periods') }}
where starts_on <= {{ tonight() }}
