{{ config(materialized='view', group='scores') }}

{% set models = {'bg_nbd': ['r', 'alpha', 'a', 'b'], 'gamma_gamma': ['p', 'q', 'gamma', 'kept_share']} %}
with parameters as (
    select
        {% for model, names in models.items() %}
        {% for name in names %}
        max(case when model = '{{ model }}' and name = '{{ name }}' then value end) as {{ name }},
        {% endfor %}
        {% endfor %}
        count(*) as parameters
    from {{ source('scores', 'score_models') }}
    where kind = 'parameter'
),

-- Whether the customer still buys (clv.p_alive); the times of the model are weeks.
buyers as (
    select
        purchases.*,
        parameters.*,
        case
            when r is null then null
            when repeat_purchases = 0 then 1
            else 1 / (1 + exp(least(
                700,
                ln(a / (b + repeat_purchases - 1)) + (r + repeat_purchases)
                * (ln(alpha + observed_days / 7.0) - ln(alpha + first_to_last_days / 7.0))
            )))
        end as alive
    from {{ ref('customer_purchases') }} as purchases
    cross join parameters
)

-- The model holds everybody who bought once for alive, however long ago: that is not
-- known. What is expected of them is.
select
    buyers.customer_id,
    case when buyers.repeat_purchases > 0 then buyers.alive end as p_alive,
    buyers.alive * expected.purchases_90d as expected_orders_90d,
    buyers.alive * expected.purchases_365d as expected_orders_365d,
    buyers.p * (buyers.gamma + buyers.spend) / (buyers.p * (buyers.repeat_purchases + 1) + buyers.q - 1)
        as expected_order_value,
    buyers.kept_share,
    (buyers.gamma + buyers.spend) * buyers.kept_share * bounds.low as low,
    (buyers.gamma + buyers.spend) * buyers.kept_share * bounds.high as high,
    case
        when buyers.observed_days - buyers.first_to_last_days > {{ threshold('churned_after_days') }} then 0
        else greatest(0, buyers.spend_12m - buyers.refunds_12m)
    end as rule_of_thumb
from buyers
left join {{ source('scores', 'purchase_expectations') }} as expected
    on
        buyers.repeat_purchases = expected.repeat_purchases
        and buyers.observed_days = expected.observed_days
left join {{ source('scores', 'spend_bounds') }} as bounds
    on
        buyers.repeat_purchases = bounds.repeat_purchases
        and floor(buyers.observed_days / 28.0) = bounds.observed_28d
        and round(buyers.alive * 50) = bounds.alive_in_50
