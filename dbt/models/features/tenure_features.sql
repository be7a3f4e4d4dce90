select
    revenue.customer_id,
    revenue.as_of_date,
    least(revenue.subscribed_on, orders.first_order_on) as first_paid_on,
    {{ days_between('least(revenue.subscribed_on, orders.first_order_on)', 'revenue.as_of_date') }} as tenure_days
from {{ ref('revenue_features') }} as revenue
inner join {{ ref('order_features') }} as orders
    on revenue.customer_id = orders.customer_id and revenue.as_of_date = orders.as_of_date
