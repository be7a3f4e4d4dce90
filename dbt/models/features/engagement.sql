with scores as (
    select
        customer_id,
        as_of_date,
        events_30d,
        cast(
            40 * least(1, sessions_30d / {{ threshold('engagement_sessions_30d_full') }})
            + 30 * least(1, active_days_30d / {{ threshold('engagement_active_days_30d_full') }})
            + 30 * least(1, features_used_30d / {{ threshold('engagement_features_30d_full') }})
            as decimal(5, 2)
        ) as engagement_score
    from {{ ref('customer_measures') }}
    where web_is_known
),

ranked as (
    select
        *,
        cast(
            percent_rank() over (partition by as_of_date order by engagement_score) as decimal(5, 4)
        ) as engagement_percentile
    from scores
)

select
    customer_id,
    as_of_date,
    engagement_score,
    engagement_percentile,
    case
        when events_30d = 0 then 'none'
        when engagement_percentile < {{ threshold('weak_usage_below_percentile') }} then 'weak'
        when engagement_percentile >= {{ threshold('heavy_usage_from_percentile') }} then 'heavy'
        else 'regular'
    end as usage_level
from ranked
