with buyers as (
    select * from {{ ref('order_features') }}
    where orders_total > 0
),

{% for value in ['recency_days', 'orders_total', 'monetary'] %}
{{ value }}_cuts as (
    select
        as_of_date,
        {{ quantile(value, 0.2) }} as q20,
        {{ quantile(value, 0.4) }} as q40,
        {{ quantile(value, 0.6) }} as q60,
        {{ quantile(value, 0.8) }} as q80
    from buyers
    group by as_of_date
),
{% endfor %}

scores as (
    select
        buyers.customer_id,
        buyers.as_of_date,
        6 - {{ quintile('buyers.recency_days', 'recency_days_cuts') }} as r_score,
        {{ quintile('buyers.orders_total', 'orders_total_cuts') }} as f_score,
        {{ quintile('buyers.monetary', 'monetary_cuts') }} as m_score
    from buyers
    inner join recency_days_cuts on buyers.as_of_date = recency_days_cuts.as_of_date
    inner join orders_total_cuts on buyers.as_of_date = orders_total_cuts.as_of_date
    inner join monetary_cuts on buyers.as_of_date = monetary_cuts.as_of_date
)

select
    scores.*,
    classes.rfm_class
from scores
inner join {{ ref('rfm_classes') }} as classes
    on
        scores.r_score >= classes.r_min
        and scores.f_score >= classes.f_min
        and scores.m_score >= classes.m_min
qualify
    row_number() over (
        partition by scores.customer_id, scores.as_of_date order by classes.priority
    ) = 1
