with scores as (
    select
        buyers.customer_id,
        buyers.as_of_date,
        6 - {{ quintile('buyers.recency_days', 'recency_cuts') }} as r_score,
        {{ quintile('buyers.orders_total', 'orders_cuts') }} as f_score,
        {{ quintile('buyers.monetary', 'monetary_cuts') }} as m_score
    from {{ ref('order_features') }} as buyers
    {% for metric, cuts in [
        ('recency_days', 'recency_cuts'), ('orders_total', 'orders_cuts'), ('monetary', 'monetary_cuts')
    ] %}
    inner join {{ ref('rfm_cuts') }} as {{ cuts }}
        on buyers.as_of_date = {{ cuts }}.as_of_date and {{ cuts }}.metric = '{{ metric }}'
    {% endfor %}
    where buyers.orders_total > 0
)

select
    scores.*,
    classes.rfm_class
from scores
left join {{ ref('rfm_classes') }} as classes
    on
        scores.r_score between classes.r_min and classes.r_max
        and scores.f_score between classes.f_min and classes.f_max
        and scores.m_score between classes.m_min and classes.m_max
qualify
    row_number() over (
        partition by scores.customer_id, scores.as_of_date order by classes.priority
    ) = 1
