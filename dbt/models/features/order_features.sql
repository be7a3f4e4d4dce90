with lines as (
    select
        as_of_dates.as_of_date,
        lines.*,
        {{ weeks_ago('lines.invoiced_on', 'as_of_dates.as_of_date') }} as weeks_ago,
        lines.invoiced_on > {{ months_before('as_of_dates.as_of_date', 12) }} as in_12m
    from {{ ref('int_customers__invoice_lines') }} as lines
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on lines.invoiced_on <= as_of_dates.as_of_date
),

-- A day on which something was bought, and how long the customer had bought nothing.
purchase_days as (
    select
        customer_id,
        as_of_date,
        invoiced_on,
        {{ days_between('lag(invoiced_on) over (partition by customer_id, as_of_date order by invoiced_on)', 'invoiced_on') }}
            as days_since_previous
    from lines
    where amount > 0
    group by customer_id, as_of_date, invoiced_on
),

rhythm as (
    select
        customer_id,
        as_of_date,
        count(*) - 1 as repeat_frequency,
        count(*) filter (
            where
                days_since_previous > {{ threshold('churned_after_days') }}
                and {{ days_between('invoiced_on', 'as_of_date') }} <= {{ threshold('reactivated_within_days') }}
        ) > 0 as came_back
    from purchase_days
    group by customer_id, as_of_date
),

totals as (
    select
        customer_id,
        as_of_date,
        count(distinct invoice_id) filter (where amount > 0) as orders_total,
        coalesce(sum(amount) filter (where amount > 0), 0) as revenue_total,
        coalesce(sum(amount) filter (where amount > 0 and in_12m), 0) as revenue_12m,
        coalesce(-sum(amount) filter (where amount < 0), 0) as refunds_total,
        sum(amount) as monetary,
        min(invoiced_on) filter (where amount > 0) as first_order_on,
        max(invoiced_on) filter (where amount > 0) as last_order_on,
        {{ slope_8w('amount', 'weeks_ago') }} as revenue_slope_8w
    from lines
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    totals.first_order_on,
    {{ known_zero('totals.orders_total', 'orders_are_known') }} as orders_total,
    cast({{ known_zero('totals.revenue_total', 'orders_are_known') }} as decimal(18, 2)) as revenue_total,
    cast({{ known_zero('totals.revenue_12m', 'orders_are_known') }} as decimal(18, 2)) as revenue_12m,
    cast({{ known_zero('totals.refunds_total', 'orders_are_known') }} as decimal(18, 2)) as refunds_total,
    cast({{ known_zero('totals.monetary', 'orders_are_known') }} as decimal(18, 2)) as monetary,
    cast(round(totals.revenue_total / nullif(totals.orders_total, 0), 2) as decimal(18, 2)) as avg_order_value,
    {{ days_between('totals.last_order_on', 'totals.as_of_date') }} as recency_days,
    {{ known_zero('totals.orders_total', 'orders_are_known') }} as frequency,
    {{ known_zero('rhythm.repeat_frequency', 'orders_are_known') }} as repeat_frequency,
    cast({{ known_zero('totals.revenue_slope_8w', 'orders_are_known') }} as double) as revenue_slope_8w,
    coalesce(rhythm.came_back, false) as came_back
from {{ ref('customer_spine') }} as spine
left join totals
    on spine.customer_id = totals.customer_id and spine.as_of_date = totals.as_of_date
left join rhythm
    on spine.customer_id = rhythm.customer_id and spine.as_of_date = rhythm.as_of_date
