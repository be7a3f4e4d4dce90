with scores as (
    select
        customer_id,
        as_of_date,
        cast(
            40 * least(1, sessions_30d / {{ threshold('engagement_sessions_30d_full') }})
            + 30 * least(1, active_days_30d / {{ threshold('engagement_active_days_30d_full') }})
            + 30 * least(1, features_used_30d / {{ threshold('engagement_features_30d_full') }})
            as decimal(5, 2)
        ) as engagement_score
    from {{ ref('customer_measures') }}
    where web_is_known
)

select
    *,
    cast(
        percent_rank() over (partition by as_of_date order by engagement_score) as decimal(5, 4)
    ) as engagement_percentile
from scores
