select
    spine.*,
    least(revenue.subscribed_on, orders.first_order_on) as first_paid_on,
    {{ days_between('least(revenue.subscribed_on, orders.first_order_on)', 'spine.as_of_date') }} as tenure_days,
    coalesce(web.web_country, spine.billing_country) as country,

    ----------  revenue
    cast({{ known_zero('revenue.mrr', 'mrr_is_known') }} as decimal(18, 2)) as mrr,
    cast({{ known_zero('revenue.mrr', 'mrr_is_known') }} * 12 as decimal(18, 2)) as arr,
    cast({{ known_zero('revenue.mrr - revenue.mrr_90d_ago', 'mrr_is_known') }} as decimal(18, 2)) as mrr_change_90d,
    {{ known_zero('revenue.subscriptions_active', 'mrr_is_known') }} as subscriptions_active,
    revenue.subscribed_on,
    revenue.mrr_before,
    revenue.plan,
    revenue.tier,

    ----------  orders
    {{ known_zero('orders.orders_total', 'orders_are_known') }} as orders_total,
    cast({{ known_zero('orders.revenue_total', 'orders_are_known') }} as decimal(18, 2)) as revenue_total,
    cast({{ known_zero('orders.revenue_12m', 'orders_are_known') }} as decimal(18, 2)) as revenue_12m,
    cast({{ known_zero('orders.refunds_total', 'orders_are_known') }} as decimal(18, 2)) as refunds_total,
    cast({{ known_zero('orders.monetary', 'orders_are_known') }} as decimal(18, 2)) as monetary,
    cast(round(orders.revenue_total / nullif(orders.orders_total, 0), 2) as decimal(18, 2)) as avg_order_value,
    orders.recency_days,
    {{ known_zero('orders.orders_total', 'orders_are_known') }} as frequency,
    {{ known_zero('orders.repeat_frequency', 'orders_are_known') }} as repeat_frequency,
    cast({{ known_zero('orders.revenue_slope_8w', 'orders_are_known') }} as double) as revenue_slope_8w,
    coalesce(orders.came_back, false) as came_back,
    {{ known_zero('payments.payments_failed_90d', 'payments_are_known') }} as payments_failed_90d,

    ----------  web
    {% for column in [
        'events_total', 'events_30d', 'page_views_total', 'sessions_total', 'sessions_30d',
        'sessions_prev_30d', 'active_days_30d', 'features_used_30d', 'carts_30d', 'declined_cards_90d',
    ] %}
    {{ known_zero('web.' ~ column, 'web_is_known') }} as {{ column }},
    {% endfor %}
    cast({{ known_zero('web.session_slope_8w', 'web_is_known') }} as double) as session_slope_8w,
    web.last_event_at,
    {{ days_between('web.last_event_on', 'spine.as_of_date') }} as days_since_last_event,

    ----------  survey
    survey.nps_score,
    case
        when survey.nps_score >= 9 then 'promoter'
        when survey.nps_score >= 7 then 'passive'
        when survey.nps_score >= 0 then 'detractor'
    end as nps_class,
    survey.csat_90d,
    {{ known_zero('survey.responses_total', 'survey_is_known') }} as responses_total,
    survey.last_response_on
from {{ ref('customer_spine') }} as spine
left join {{ ref('revenue_features') }} as revenue
    on spine.customer_id = revenue.customer_id and spine.as_of_date = revenue.as_of_date
left join {{ ref('order_features') }} as orders
    on spine.customer_id = orders.customer_id and spine.as_of_date = orders.as_of_date
left join {{ ref('payment_features') }} as payments
    on spine.customer_id = payments.customer_id and spine.as_of_date = payments.as_of_date
left join {{ ref('web_features') }} as web
    on spine.customer_id = web.customer_id and spine.as_of_date = web.as_of_date
left join {{ ref('survey_features') }} as survey
    on spine.customer_id = survey.customer_id and spine.as_of_date = survey.as_of_date
