with first_invoice as (
    select {{ month_of('min(invoiced_on)') }} as month from {{ ref('int_billing__invoice_lines') }}
),

months as (
    select
        coalesce(monthly.customer_id, billed.customer_id) as customer_id,
        coalesce(monthly.month, billed.month) as month,
        coalesce(monthly.mrr, 0) as mrr,
        billed.month as billed_month,
        billed.recurring,
        billed.mrr_when_billed,
        billed.months_paid,
        billed.is_uncounted,
        billed.is_below_mrr
    from {{ ref('customer_mrr_monthly') }} as monthly
    full outer join {{ ref('int_customers__billed_months') }} as billed
        on monthly.customer_id = billed.customer_id and monthly.month = billed.month
),

counted as (
    select
        *,
        count(billed_month) over (
            partition by customer_id order by month
            rows between unbounded preceding and current row
        ) as bill_number
    from months
),

-- A month without a bill stands under the last one before it.
carried as (
    select
        *,
        first_value(mrr_when_billed) over since_bill as last_mrr,
        first_value({{ months_after('billed_month', 'months_paid') }}) over since_bill as paid_until,
        min(month) over (partition by customer_id) as first_month
    from counted
    window since_bill as (partition by customer_id, bill_number order by month)
),

judged as (
    select
        *,
        case
            when coalesce(recurring, 0) = mrr then 'equal'
            when recurring = mrr_when_billed then 'changed_in_month'
            when recurring is not null and months_paid > 1 then 'billed_ahead'
            when recurring is not null and months_paid = 1 then 'rates_and_rounding'
            when recurring is not null and is_uncounted then 'not_counted'
            when recurring is not null and is_below_mrr then 'discounts'
            when recurring is null and month < paid_until then 'billed_ahead'
            when recurring is null and month = {{ month_of(tonight()) }} then 'not_yet_invoiced'
            when
                recurring is null and bill_number = 0
                and first_month < (select month from first_invoice)
                then 'billed_earlier'
            else 'unexplained'
        end as reason
    from carried
),

-- What the bill should have been, so that the rest is a change after it.
explained as (
    select
        *,
        case
            when reason = 'equal' then 0
            when recurring is not null then recurring - mrr_when_billed
            when reason = 'billed_ahead' then -last_mrr
            else -mrr
        end as amount
    from judged
)

select
    {{ tonight() }} as as_of_date,
    customer_id,
    month,
    cast(mrr as decimal(18, 2)) as mrr,
    cast(coalesce(recurring, 0) as decimal(18, 2)) as invoiced,
    reason,
    cast(amount as decimal(18, 2)) as amount,
    cast(coalesce(recurring, 0) - mrr - amount as decimal(18, 2)) as changed_in_month
from explained
where
    reason <> 'equal'
    and month >= (select month from first_invoice)
    and {{ subscriptions_are_present() }}
