with periods as (
    select * from {{ ref('int_customers__subscriptions') }}
    where starts_on <= {{ tonight() }}
),

-- Only in these months the sum can be another one than in the month before.
change_months as (
    select customer_id, {{ month_of('starts_on') }} as month from periods
    union
    select customer_id, {{ month_of('ends_on') }} from periods
    where ends_on <= {{ tonight() }}
),

-- A month is measured on its last day; the running month on the as-of date.
spans as (
    select
        customer_id,
        month as first_month,
        coalesce(
            {{ months_before('lead(month) over (partition by customer_id order by month)', 1) }},
            {{ month_of(tonight()) }}
        ) as last_month,
        least({{ last_day_of_month('month') }}, {{ tonight() }}) as measured_on
    from change_months
),

measured as (
    select
        spans.customer_id,
        spans.first_month,
        spans.last_month,
        coalesce(sum(periods.monthly_amount), 0) as mrr,
        max_by(periods.plan, {{ in_order('periods.monthly_amount', 'periods.subscription_id') }}) as plan
    from spans
    left join periods
        on
            spans.customer_id = periods.customer_id
            and periods.starts_on <= spans.measured_on
            and coalesce(periods.ends_on > spans.measured_on, true)
    group by spans.customer_id, spans.first_month, spans.last_month
),

months as (
    select
        customer_id,
        cast({{ months('first_month', 'last_month') }} as date) as month,
        mrr,
        plan
    from measured
)

select
    {{ tonight() }} as as_of_date,
    customer_id,
    month,
    cast(mrr as decimal(18, 2)) as mrr,
    cast((select reporting_currency from {{ source('night', 'control') }}) as varchar) as currency,
    plan,
    mrr > 0 as is_active
from months
