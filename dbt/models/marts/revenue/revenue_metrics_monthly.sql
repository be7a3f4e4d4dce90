{% set kinds = ['new', 'expansion', 'contraction', 'churn', 'reactivation'] %}
with levels as (
    select
        month,
        sum(mrr) as mrr,
        count(*) filter (where is_active) as customers
    from {{ ref('customer_mrr_monthly') }}
    group by month
),

moves as (
    select
        month,
        {% for kind in kinds %}
        sum(amount) filter (where kind = '{{ kind }}') as {{ kind }}_mrr,
        count(*) filter (where kind = '{{ kind }}') as {{ kind }}_customers{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('mrr_movements') }}
    group by month
),

months as (
    select
        levels.month,
        coalesce(lag(levels.mrr) over (order by levels.month), 0) as mrr_start,
        levels.mrr as mrr_end,
        coalesce(lag(levels.customers) over (order by levels.month), 0) as customers_start,
        levels.customers as customers_end,
        {% for kind in kinds %}
        coalesce(moves.{{ kind }}_mrr, 0) as {{ kind }}_mrr,
        coalesce(moves.{{ kind }}_customers, 0) as {{ kind }}_customers{{ ',' if not loop.last }}
        {% endfor %}
    from levels
    left join moves on levels.month = moves.month
),

parts as (
    select
        *,
        mrr_start + expansion_mrr + contraction_mrr + churn_mrr as nrr_numerator,
        mrr_start + contraction_mrr + churn_mrr as grr_numerator,
        -(contraction_mrr + churn_mrr) as revenue_churn_numerator
    from months
)

select
    {{ tonight() }} as as_of_date,
    month,
    {{ last_day_of_month('month') }} <= {{ tonight() }} as is_complete,
    cast(mrr_start as decimal(18, 2)) as mrr_start,
    {% for kind in kinds %}
    cast({{ kind }}_mrr as decimal(18, 2)) as {{ kind }}_mrr,
    {% endfor %}
    cast(mrr_end as decimal(18, 2)) as mrr_end,
    cast(12 * mrr_end as decimal(18, 2)) as arr,
    customers_start,
    {% for kind in kinds %}
    {{ kind }}_customers,
    {% endfor %}
    customers_end,
    cast(round(mrr_end / nullif(customers_end, 0), 2) as decimal(18, 2)) as arpa,
    {% for rate in ['nrr', 'grr', 'revenue_churn'] %}
    cast({{ rate }}_numerator as decimal(18, 2)) as {{ rate }}_numerator,
    {% endfor %}
    round(nrr_numerator / nullif(mrr_start, 0), 6) as nrr,
    round(grr_numerator / nullif(mrr_start, 0), 6) as grr,
    round(revenue_churn_numerator / nullif(mrr_start, 0), 6) as revenue_churn_rate,
    round(churn_customers / nullif(customers_start, 0), 6) as logo_churn_rate
from parts
