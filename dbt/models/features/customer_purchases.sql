-- What a subscription invoices is a contract that goes on, not a purchase that somebody
-- decides on again: of who ever subscribed only lines of another kind count.
with subscribers as (
    select distinct customer_id from {{ ref('int_customers__subscriptions') }}
    where starts_on <= {{ tonight() }}
),

days as (
    select
        lines.customer_id,
        lines.invoiced_on,
        sum(lines.amount) filter (where lines.amount > 0) as spend,
        sum(lines.amount) filter (where lines.amount < 0) as refunds
    from {{ ref('int_customers__invoice_lines') }} as lines
    left join subscribers on lines.customer_id = subscribers.customer_id
    where
        lines.invoiced_on <= {{ tonight() }}
        and (
            subscribers.customer_id is null
            or coalesce(lines.kind, 'subscription') not in ('subscription', 'proration', 'credit_note')
        )
    group by lines.customer_id, lines.invoiced_on
),

-- The last 90 days apart, so that a model can be tried on what it has not seen.
dated as (
    select
        *,
        spend is not null as is_purchase,
        invoiced_on > {{ days_before(tonight(), 90) }} as in_90d,
        invoiced_on > {{ months_before(tonight(), 12) }} as in_12m
    from days
)

select
    customer_id,
    {{ tonight() }} as as_of_date,
    count(*) filter (where is_purchase) - 1 as repeat_purchases,
    count(*) filter (where is_purchase and in_90d) as purchases_90d,
    {{ days_between('min(invoiced_on) filter (where is_purchase)', 'max(invoiced_on) filter (where is_purchase)') }}
        as first_to_last_days,
    {{ days_between('min(invoiced_on) filter (where is_purchase)', 'max(invoiced_on) filter (where is_purchase and not in_90d)') }}
        as first_to_last_days_90d_ago,
    {{ days_between('min(invoiced_on) filter (where is_purchase)', tonight()) }} as observed_days,
    cast(sum(spend) as decimal(18, 2)) as spend,
    cast(coalesce(sum(spend) filter (where in_12m), 0) as decimal(18, 2)) as spend_12m,
    cast(coalesce(-sum(refunds), 0) as decimal(18, 2)) as refunds,
    cast(coalesce(-sum(refunds) filter (where in_12m), 0) as decimal(18, 2)) as refunds_12m
from dated
group by customer_id
having count(*) filter (where is_purchase) > 0
