{% set measures = [
    'mrr', 'revenue_12m', 'orders_total', 'avg_order_value', 'recency_days', 'tenure_days',
    'people_count', 'sessions_30d', 'active_days_30d', 'features_used_30d',
    'days_since_last_event', 'engagement_score', 'nps_score', 'csat_90d',
    'payments_failed_90d', 'declined_cards_90d', 'carts_30d',
] %}

with measured as (
    select
        customer_id,
        {% for measure in measures %}
        cast({{ measure }} as decimal(18, 4)) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('customer_features') }}
),

feature_values as (
    select * from {{ columns_to_rows('measured', measures, 'feature', 'feature_value') }}
),

base as (
    select feature, avg(feature_value) as base_mean
    from feature_values
    group by feature
),

profiles as (
    select
        segments.model,
        segments.segment,
        feature_values.feature,
        count(*) as customers,
        count(feature_values.feature_value) as known,
        avg(feature_values.feature_value) as mean,
        {{ quantile('feature_values.feature_value', 0.25) }} as p25,
        {{ quantile('feature_values.feature_value', 0.5) }} as median,
        {{ quantile('feature_values.feature_value', 0.75) }} as p75
    from {{ ref('customer_segments') }} as segments
    inner join feature_values on segments.customer_id = feature_values.customer_id
    group by segments.model, segments.segment, feature_values.feature
)

select
    {{ tonight() }} as as_of_date,
    profiles.model,
    profiles.segment,
    profiles.feature,
    profiles.customers,
    profiles.known,
    profiles.mean,
    cast(profiles.p25 as double) as p25,
    cast(profiles.median as double) as median,
    cast(profiles.p75 as double) as p75,
    base.base_mean,
    profiles.mean / nullif(base.base_mean, 0) as lift
from profiles
inner join base on profiles.feature = base.feature
