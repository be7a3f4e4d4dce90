-- What kind of line an invoice has is the vendor's word; without one, a line of a
-- customer with a subscription is for it.
with lines as (
    select
        lines.customer_id,
        {{ month_of('lines.invoiced_on') }} as month,
        lines.invoiced_on,
        lines.amount,
        lines.original_amount
    from {{ ref('int_customers__invoice_lines') }} as lines
    where
        lines.amount > 0
        and case
            when lines.kind is not null then lines.kind = 'subscription'
            else lines.customer_id in (select customer_id from {{ ref('int_customers__subscriptions') }})
        end
),

billed as (
    select
        customer_id,
        month,
        max(invoiced_on) as billed_on,
        sum(amount) as recurring,
        sum(original_amount) as original_recurring
    from lines
    group by customer_id, month
),

-- The MRR of the day of the invoice, in the reporting currency and as it was agreed.
compared as (
    select
        billed.customer_id,
        billed.month,
        billed.billed_on,
        billed.recurring,
        billed.original_recurring,
        coalesce(sum(periods.monthly_amount), 0) as mrr_when_billed,
        coalesce(sum(periods.original_amount), 0) as original_mrr
    from billed
    left join {{ ref('int_customers__subscriptions') }} as periods
        on
            billed.customer_id = periods.customer_id
            and periods.starts_on <= billed.billed_on
            and coalesce(periods.ends_on > billed.billed_on, true)
    group by
        billed.customer_id, billed.month, billed.billed_on, billed.recurring,
        billed.original_recurring
),

-- Subscriptions that do not count towards MRR may be billed all the same.
uncounted as (
    select
        customers.customer_id,
        periods.starts_on,
        coalesce(periods.ends_on, {{ end_of_time() }}) as ends_before
    from {{ ref('int_billing__subscription_periods') }} as periods
    inner join {{ ref('int_identity__billing_persons') }} as billing_persons
        on periods.billing_customer_id = billing_persons.billing_customer_id
    inner join {{ ref('int_identity__customers') }} as customers
        on billing_persons.unit = customers.unit
    where periods.status in ({{ uncounted_statuses() }})
),

terms as (
    select
        *,
        cast(round(original_recurring / nullif(original_mrr, 0)) as integer) as months
    from compared
)

-- A term is a whole number of months, as exact as an amount per month in cents allows.
select
    terms.customer_id,
    terms.month,
    terms.recurring,
    terms.mrr_when_billed,
    exists(
        select 1 from uncounted
        where
            terms.customer_id = uncounted.customer_id
            and terms.billed_on >= uncounted.starts_on
            and terms.billed_on < uncounted.ends_before
    ) as is_uncounted,
    coalesce(terms.original_recurring < terms.original_mrr, false) as is_below_mrr,
    case
        when
            terms.months >= 1
            and abs(terms.original_recurring - terms.months * terms.original_mrr)
            <= 0.005 * (terms.months + 1)
            then terms.months
    end as months_paid
from terms
