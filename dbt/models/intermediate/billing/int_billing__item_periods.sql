{% set what = ['billing_customer_id', 'plan_id', 'plan', 'tier', 'monthly_amount', 'currency', 'quantity', 'state'] %}
-- Versions that change nothing are one period, which keeps the rate of its first day.
with marked as (
    select
        *,
        case
            when
                valid_from = lag(valid_to) over in_time
                {% for column in what %}
                and {{ column }} is not distinct from lag({{ column }}) over in_time
                {% endfor %}
                then 0
            else 1
        end as begins_period
    from {{ ref('int_billing__item_states') }}
    window in_time as (partition by subscription_id, item_id order by valid_from)
),

numbered as (
    select
        *,
        sum(begins_period) over (
            partition by subscription_id, item_id
            order by valid_from
            rows between unbounded preceding and current row
        ) as period_number
    from marked
)

select
    subscription_id,
    item_id,
    min(valid_from) as starts_on,
    nullif(max(valid_to), {{ end_of_time() }}) as ends_on,
    {{ what | join(',\n    ') }}
from numbered
group by subscription_id, item_id, period_number, {{ what | join(', ') }}
