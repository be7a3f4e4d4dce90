with subscriptions as (
    select
        as_of_dates.as_of_date,
        periods.*,
        periods.starts_on <= as_of_dates.as_of_date
        and coalesce(periods.ends_on > as_of_dates.as_of_date, true) as is_active,
        periods.starts_on <= {{ days_before('as_of_dates.as_of_date', 90) }}
        and coalesce(periods.ends_on > {{ days_before('as_of_dates.as_of_date', 90) }}, true)
            as was_active_90d_ago,
        {{ days_between('periods.starts_on', 'as_of_dates.as_of_date') }} >= {{ threshold('reactivated_within_days') }}
        and coalesce(
            {{ days_between('periods.ends_on', 'as_of_dates.as_of_date') }}
            < {{ threshold('reactivated_within_days') }}, true
        ) as was_active_before
    from {{ ref('int_customers__subscriptions') }} as periods
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on periods.starts_on <= as_of_dates.as_of_date
),

totals as (
    select
        customer_id,
        as_of_date,
        min(starts_on) as subscribed_on,
        coalesce(sum(monthly_amount) filter (where is_active), 0) as mrr,
        coalesce(sum(monthly_amount) filter (where was_active_90d_ago), 0) as mrr_90d_ago,
        coalesce(sum(monthly_amount) filter (where was_active_before), 0) as mrr_before,
        count(distinct coalesce(agreement_id, subscription_id)) filter (where is_active) as subscriptions_active,
        max_by(plan, {{ in_order('monthly_amount', 'subscription_id') }}) filter (where is_active) as plan,
        max_by(tier, {{ in_order('monthly_amount', 'subscription_id') }}) filter (where is_active) as tier
    from subscriptions
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    cast({{ known_zero('totals.mrr', 'mrr_is_known') }} as decimal(18, 2)) as mrr,
    cast({{ known_zero('totals.mrr', 'mrr_is_known') }} * 12 as decimal(18, 2)) as arr,
    cast({{ known_zero('totals.mrr - totals.mrr_90d_ago', 'mrr_is_known') }} as decimal(18, 2)) as mrr_change_90d,
    {{ known_zero('totals.subscriptions_active', 'mrr_is_known') }} as subscriptions_active,
    totals.subscribed_on,
    totals.mrr_before,
    totals.plan,
    totals.tier
from {{ ref('customer_spine') }} as spine
left join totals
    on spine.customer_id = totals.customer_id and spine.as_of_date = totals.as_of_date
