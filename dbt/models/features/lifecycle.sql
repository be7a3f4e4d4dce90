with measures as (
    select * from {{ ref('customer_measures') }}
),

-- Who ever subscribed pays while the subscription runs; everybody else while the last
-- order is recent.
paying as (
    select
        *,
        case
            when subscribed_on is not null then mrr > 0
            else recency_days <= {{ threshold('churned_after_days') }}
        end as is_paying
    from measures
)

select
    customer_id,
    as_of_date,
    case when {{ money_is_known() }} then coalesce(is_paying, false) end as is_paying,
    case
        when not {{ money_is_known() }} then null
        when first_paid_on is null then 'prospect'
        when not is_paying then 'churned'
        when
            (subscribed_on is null and came_back) or (
                mrr_before = 0
                and {{ days_between('subscribed_on', 'as_of_date') }} >= {{ threshold('reactivated_within_days') }}
            )
            then 'reactivated'
        when tenure_days <= {{ threshold('new_within_days') }} then 'new'
        when
            coalesce(
                case when subscribed_on is null then recency_days else days_since_last_event end
                >= {{ threshold('at_risk_after_days') }}, false
            )
            then 'at_risk'
        when
            coalesce(
                sessions_prev_30d >= {{ threshold('slipping_minimum_sessions') }}
                and sessions_30d < sessions_prev_30d * {{ threshold('slipping_below_share') }}, false
            )
            then 'slipping'
        when tenure_days >= {{ threshold('loyal_after_days') }} then 'loyal'
        else 'active'
    end as lifecycle_stage,
    case
        when not {{ money_is_known() }} then null
        when first_paid_on is not null and not is_paying then 'lapsed'
        when first_paid_on is not null and tenure_days <= {{ threshold('new_within_days') }} then 'purchase'
        when first_paid_on is not null and nps_class = 'promoter' then 'advocacy'
        when first_paid_on is not null then 'retention'
        when not web_is_known then null
        when carts_30d + checkouts_30d > 0 then 'decision'
        when sessions_30d >= {{ threshold('consideration_sessions_30d') }} then 'consideration'
        else 'awareness'
    end as journey_stage
from paying
