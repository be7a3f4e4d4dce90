{{ config(group='scores') }}

with customers as (
    select * from {{ ref('customer_states') }}
    where is_tonight and lifecycle_stage not in ('prospect', 'churned')
),

parameters as (
    select name, value from {{ source('scores', 'score_models') }}
    where model = 'churn' and kind = 'parameter'
),

{{ churn_scores(churn_numbers(), churn_categories()) }}

select
    customer_id,
    as_of_date,
    cast(probability as decimal(9, 6)) as churn_probability,
    case
        when probability is null then 'unknown'
        when probability >= {{ threshold('churn_high_from') }} then 'high'
        when probability >= {{ threshold('churn_medium_from') }} then 'medium'
        else 'low'
    end as churn_band,
    {% for place in [1, 2, 3] %}
    case when probability is not null then {{ nth_name('pulled_by', place) }} end as churn_reason_{{ place }},
    {% endfor %}
    cast(round(cast(probability as decimal(9, 6)) * mrr, 2) as decimal(18, 2)) as mrr_at_risk
from scores
