{{ config(group='scores') }}

with contracts as (
    select
        customer_id,
        sum(paid) as paid,
        coalesce(max(case when not has_ended then renewals end), 0) as renewals,
        max(renewals_ahead) as renewals_ahead
    from {{ ref('contract_spells') }}
    group by customer_id
),

-- What is known of tonight's customers: purchases, contracts, both or neither.
parts as (
    select
        measures.customer_id,
        measures.as_of_date,
        case
            when measures.orders_are_known then measures.monetary
            when measures.mrr_is_known then coalesce(contracts.paid, 0)
        end as historical_value,
        purchases.customer_id is not null as has_bought,
        contracts.customer_id is not null and measures.mrr_is_known as has_subscribed,
        purchases.p_alive,
        purchases.expected_orders_90d,
        purchases.expected_orders_365d,
        purchases.expected_order_value,
        purchases.expected_orders_365d * purchases.expected_order_value * purchases.kept_share as from_orders,
        purchases.low as from_orders_low,
        purchases.high as from_orders_high,
        purchases.rule_of_thumb as from_orders_by_rule,
        measures.mrr * expected.payments as from_contracts,
        measures.mrr * expected.low as from_contracts_low,
        measures.mrr * expected.high as from_contracts_high,
        measures.mrr * contracts.renewals_ahead as from_contracts_by_rule,
        expected.payments
    from {{ ref('customer_measures') }} as measures
    left join {{ ref('purchase_values') }} as purchases
        on measures.customer_id = purchases.customer_id
    left join contracts on measures.customer_id = contracts.customer_id
    left join {{ source('scores', 'contract_expectations') }} as expected
        on
            contracts.renewals = expected.renewals
            and contracts.renewals_ahead = expected.renewals_ahead
    where measures.is_tonight
),

-- The weaker part names the whole.
methods as (
    select
        *,
        case
            when not has_bought and not has_subscribed then 'unknown'
            when has_bought and from_orders_high is null then 'heuristic'
            when has_subscribed and from_contracts is null then 'heuristic'
            when has_bought and has_subscribed then 'combined'
            when has_bought then 'bg_nbd_gamma_gamma'
            else 'shifted_beta_geometric'
        end as clv_method
    from parts
),

totals as (
    select
        *,
        case when has_bought then coalesce(from_orders, from_orders_by_rule) else 0 end
        + case when has_subscribed then coalesce(from_contracts, from_contracts_by_rule) else 0 end as total,
        case when has_bought then from_orders_low else 0 end
        + case when has_subscribed then from_contracts_low else 0 end as low,
        case when has_bought then from_orders_high else 0 end
        + case when has_subscribed then from_contracts_high else 0 end as high
    from methods
)

-- A mean may lie above nine of ten outcomes: the bounds are widened to hold it.
select
    customer_id,
    as_of_date,
    cast(historical_value as decimal(18, 2)) as historical_value,
    round(p_alive, 6) as p_alive,
    round(expected_orders_90d, 6) as expected_orders_90d,
    round(expected_orders_365d, 6) as expected_orders_365d,
    cast(expected_order_value as decimal(18, 2)) as expected_order_value,
    round(case when has_subscribed then payments end, 6) as expected_payments_12m,
    cast(case when clv_method <> 'unknown' then total end as decimal(18, 2)) as clv_12m,
    cast(case when clv_method not in ('unknown', 'heuristic') then least(low, total) end as decimal(18, 2))
        as clv_12m_low,
    cast(case when clv_method not in ('unknown', 'heuristic') then greatest(high, total) end as decimal(18, 2))
        as clv_12m_high,
    clv_method
from totals
