-- An invoice on one day. The later steps meet one row of it instead of all its lines.
with invoices as (
    select
        customer_id,
        invoice_id,
        invoiced_on,
        min(invoiced_at) as invoiced_at,
        sum(amount) as net,
        coalesce(sum(amount) filter (where amount > 0), 0) as revenue,
        coalesce(-sum(amount) filter (where amount < 0), 0) as refunds,
        sum(greatest(list_amount, amount)) filter (where amount >= 0 and list_amount > 0) as listed,
        sum(greatest(list_amount - amount, 0)) filter (where amount >= 0 and list_amount > 0) as discounted
    from {{ ref('int_customers__invoice_lines') }}
    group by customer_id, invoice_id, invoiced_on
),

as_known as (
    select
        as_of_dates.as_of_date,
        invoices.*,
        {{ weeks_ago('invoices.invoiced_on', 'as_of_dates.as_of_date') }} as weeks_ago,
        invoices.invoiced_on > {{ months_before('as_of_dates.as_of_date', 12) }} as in_12m
    from invoices
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on invoices.invoiced_on <= as_of_dates.as_of_date
),

totals as (
    select
        customer_id,
        as_of_date,
        sum(revenue) as revenue_total,
        coalesce(sum(revenue) filter (where in_12m), 0) as revenue_12m,
        sum(refunds) as refunds_total,
        coalesce(sum(refunds) filter (where in_12m), 0) as refunds_12m,
        sum(net) as monetary,
        min_by(revenue, {{ in_order('invoiced_at', 'invoice_id') }}) filter (where revenue > 0)
            as first_order_value,
        max_by(revenue, {{ in_order('invoiced_at', 'invoice_id') }}) filter (where revenue > 0)
            as last_order_value,
        min(invoiced_on) filter (where revenue > 0) as first_order_on,
        max(invoiced_on) filter (where revenue > 0) as last_order_on,
        sum(discounted) / nullif(sum(listed), 0) as discount_share,
        {{ slope_8w('net', 'weeks_ago') }} as revenue_slope_8w
    from as_known
    group by customer_id, as_of_date
),

-- An invoice of several days is one order.
orders as (
    select
        customer_id,
        as_of_date,
        invoice_id,
        bool_or(in_12m) as in_12m
    from as_known
    where revenue > 0
    group by customer_id, as_of_date, invoice_id
),

counts as (
    select
        customer_id,
        as_of_date,
        count(*) as orders_total,
        count(*) filter (where in_12m) as orders_12m
    from orders
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    totals.first_order_on,
    {{ known_zero('counts.orders_total', 'orders_are_known') }} as orders_total,
    {{ known_zero('counts.orders_12m', 'orders_are_known') }} as orders_12m,
    cast({{ known_zero('totals.revenue_total', 'orders_are_known') }} as decimal(18, 2)) as revenue_total,
    cast({{ known_zero('totals.revenue_12m', 'orders_are_known') }} as decimal(18, 2)) as revenue_12m,
    cast({{ known_zero('totals.refunds_total', 'orders_are_known') }} as decimal(18, 2)) as refunds_total,
    cast({{ known_zero('totals.refunds_12m', 'orders_are_known') }} as decimal(18, 2)) as refunds_12m,
    cast({{ known_zero('totals.monetary', 'orders_are_known') }} as decimal(18, 2)) as monetary,
    cast(round(totals.revenue_total / nullif(counts.orders_total, 0), 2) as decimal(18, 2))
        as avg_order_value,
    cast(totals.first_order_value as decimal(18, 2)) as first_order_value,
    cast(totals.last_order_value as decimal(18, 2)) as last_order_value,
    case
        when counts.orders_total > 1
            then round(totals.last_order_value / totals.first_order_value - 1, 6)
    end as order_value_change,
    round(totals.refunds_total / nullif(totals.revenue_total, 0), 6) as refund_rate,
    round(totals.discount_share, 6) as discount_share,
    {{ days_between('totals.last_order_on', 'totals.as_of_date') }} as recency_days,
    {{ known_zero('counts.orders_total', 'orders_are_known') }} as frequency,
    cast({{ known_zero('totals.revenue_slope_8w', 'orders_are_known') }} as double) as revenue_slope_8w
from {{ ref('customer_spine') }} as spine
left join totals
    on spine.customer_id = totals.customer_id and spine.as_of_date = totals.as_of_date
left join counts
    on spine.customer_id = counts.customer_id and spine.as_of_date = counts.as_of_date
