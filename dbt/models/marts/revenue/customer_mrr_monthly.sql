with periods as (
    select * from {{ ref('int_customers__subscriptions') }}
),

customer_months as (
    select
        customer_id,
        {{ months('min(' ~ month_of('starts_on') ~ ')', month_of(tonight())) }} as month
    from periods
    group by customer_id
),

-- A month is measured on its last day; the running month on the as-of date.
measured as (
    select
        customer_id,
        cast(month as date) as month,
        least({{ last_day_of_month('month') }}, {{ tonight() }}) as measured_on
    from customer_months
)

select
    {{ tonight() }} as as_of_date,
    measured.customer_id,
    measured.month,
    cast(coalesce(sum(periods.monthly_amount), 0) as decimal(18, 2)) as mrr,
    cast((select reporting_currency from {{ source('night', 'control') }}) as varchar) as currency,
    max_by(periods.plan, {{ in_order('periods.monthly_amount', 'periods.subscription_id') }}) as plan,
    coalesce(sum(periods.monthly_amount), 0) > 0 as is_active
from measured
left join periods
    on
        measured.customer_id = periods.customer_id
        and periods.starts_on <= measured.measured_on
        and coalesce(periods.ends_on > measured.measured_on, true)
group by measured.customer_id, measured.month
