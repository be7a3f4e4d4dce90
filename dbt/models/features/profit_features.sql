-- Goods that come back (a negative quantity) bring their cost back, a credit does not.
with goods as (
    select
        lines.customer_id,
        lines.invoiced_on,
        sum(lines.amount) filter (where lines.amount > 0 and products.unit_cost is not null)
            as revenue_with_cost,
        sum(cast(products.unit_cost as decimal(28, 4)) * coalesce(lines.quantity, 1)) filter (
            where lines.amount > 0 or lines.quantity < 0
        ) as cost
    from {{ ref('int_customers__invoice_lines') }} as lines
    left join {{ ref('stg_catalogue__products') }} as products
        on lines.product_id = products.product_id
    group by lines.customer_id, lines.invoiced_on
),

goods_12m as (
    select
        goods.customer_id,
        as_of_dates.as_of_date,
        sum(goods.revenue_with_cost) as revenue_with_cost,
        sum(goods.cost) as cost
    from goods
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on
            goods.invoiced_on <= as_of_dates.as_of_date
            and goods.invoiced_on > {{ months_before('as_of_dates.as_of_date', 12) }}
    group by goods.customer_id, as_of_dates.as_of_date
),

costs_12m as (
    select
        costs.customer_id,
        as_of_dates.as_of_date,
        sum(costs.amount) filter (where costs.kind = 'campaign') as campaign,
        sum(costs.amount) filter (where costs.kind = 'handling') as handling
    from {{ ref('int_customers__costs') }} as costs
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on
            costs.cost_on <= as_of_dates.as_of_date
            and costs.cost_on > {{ months_before('as_of_dates.as_of_date', 12) }}
    group by costs.customer_id, as_of_dates.as_of_date
),

-- Without a single product cost nobody's margin is known, not even that of no sale.
parts as (
    select
        orders.customer_id,
        orders.as_of_date,
        orders.revenue_12m,
        orders.refunds_12m,
        round(coalesce(goods_12m.revenue_with_cost, 0) / nullif(orders.revenue_12m, 0), 6)
            as margin_known_share,
        case
            when goods_12m.revenue_with_cost > 0 then goods_12m.cost
            when
                orders.revenue_12m = 0
                and exists (select 1 from {{ ref('stg_catalogue__products') }} where unit_cost is not null)
                then coalesce(goods_12m.cost, 0)
        end as goods_cost,
        {{ known_zero('costs_12m.campaign', feed_is_present('campaign_events')) }} as campaign_cost,
        case
            when {{ threshold('handling_cost_per_minute') }} > 0
                then {{ known_zero('costs_12m.handling', feed_is_present('tickets')) }}
        end as handling_cost
    from {{ ref('order_features') }} as orders
    left join goods_12m
        on orders.customer_id = goods_12m.customer_id and orders.as_of_date = goods_12m.as_of_date
    left join costs_12m
        on orders.customer_id = costs_12m.customer_id and orders.as_of_date = costs_12m.as_of_date
)

select
    customer_id,
    as_of_date,
    cast(round(goods_cost, 2) as decimal(18, 2)) as goods_cost_12m,
    cast(round(campaign_cost, 2) as decimal(18, 2)) as campaign_cost_12m,
    cast(round(handling_cost, 2) as decimal(18, 2)) as handling_cost_12m,
    cast(round(
        revenue_12m - refunds_12m - goods_cost - coalesce(campaign_cost, 0) - coalesce(handling_cost, 0), 2
    ) as decimal(18, 2)) as margin_12m,
    margin_known_share
from parts
