-- A day on which something was bought, and how long the customer had bought nothing.
with purchase_days as (
    select
        customer_id,
        invoiced_on,
        {{ days_between('lag(invoiced_on) over in_time', 'invoiced_on') }} as days_since_previous
    from {{ ref('int_customers__invoice_lines') }}
    where amount > 0
    group by customer_id, invoiced_on
    window in_time as (partition by customer_id order by invoiced_on)
),

rhythm as (
    select
        purchase_days.customer_id,
        as_of_dates.as_of_date,
        count(*) - 1 as repeat_frequency,
        avg(purchase_days.days_since_previous) as days_between_orders,
        count(*) filter (
            where
                purchase_days.days_since_previous > {{ threshold('churned_after_days') }}
                and {{ days_between('purchase_days.invoiced_on', 'as_of_dates.as_of_date') }}
                <= {{ threshold('reactivated_within_days') }}
        ) > 0 as came_back
    from purchase_days
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on purchase_days.invoiced_on <= as_of_dates.as_of_date
    group by purchase_days.customer_id, as_of_dates.as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    {{ known_zero('rhythm.repeat_frequency', 'orders_are_known') }} as repeat_frequency,
    round(rhythm.days_between_orders, 6) as days_between_orders,
    coalesce(rhythm.came_back, false) as came_back
from {{ ref('customer_spine') }} as spine
left join rhythm
    on spine.customer_id = rhythm.customer_id and spine.as_of_date = rhythm.as_of_date
