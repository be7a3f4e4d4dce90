with features as (
    select * from {{ ref('customer_features') }}
),

metrics as (
    select 'customers' as metric, cast(count(*) as decimal(18, 2)) as value from features
    union all
    select 'billing_customers', count(*) filter (where is_billing_customer) from features
    union all
    select 'paying_customers', count(*) filter (where mrr > 0) from features
    union all
    select 'mrr', sum(mrr) from features
    union all
    select 'arr', sum(arr) from features
    union all
    select 'revenue_12m', sum(revenue_12m) from features
    union all
    select 'revenue_total', sum(revenue_total) from features
    union all
    select 'refunds_total', sum(refunds_total) from features
    union all
    select 'orders_total', sum(orders_total) from features
    union all
    select 'events_total', sum(events_total) from features
    union all
    select 'sessions_total', sum(sessions_total) from features
    union all
    select 'nps_responses', count(nps_score) from features
    union all
    select
        'nps',
        100.0 * (count(*) filter (where nps_class = 'promoter') - count(*) filter (where nps_class = 'detractor'))
        / nullif(count(nps_class), 0)
    from features
    union all
    select 'anonymous_revenue_total', sum(amount) filter (where amount > 0)
    from {{ ref('int_billing__invoice_lines') }}
    where billing_customer_id is null
)

select
    {{ tonight() }} as as_of_date,
    metrics.metric,
    cast(metrics.value as decimal(18, 2)) as value,
    before.value as previous_value
from metrics
left join {{ source('release', 'pipeline_metrics') }} as before
    on metrics.metric = before.metric
