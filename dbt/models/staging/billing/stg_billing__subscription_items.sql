with versions as (
    select
        *,
        coalesce(changed_at, _version_at) as version_at,
        {{ business_day('coalesce(changed_at, _version_at)') }} as version_on,
        case
            when status = 'incomplete' then 0
            when status = 'trialing' then 1
            when status in ('incomplete_expired', 'canceled') then 3
            else 2
        end as status_order
    from {{ source('raw', 'subscription_items') }}
),

-- Vendors write several versions within one second: then the later status counts.
last_version_of_the_day as (
    select * from versions
    where version_on is null or version_on <= {{ tonight() }}
    qualify
        rank() over (
            partition by subscription_id, version_on
            order by version_at desc, status_order desc, _received desc, _file_id desc
        ) = 1
        and row_number() over (
            partition by subscription_id, version_on, item_id
            order by version_at desc, status_order desc, _received desc, _file_id desc, _line desc
        ) = 1
)

select
    subscription_id,
    item_id,
    billing_customer_id,
    plan_id,
    coalesce(plan, plan_id) as plan,
    tier,
    coalesce(currency, (select reporting_currency from {{ source('night', 'control') }})) as currency,
    unit_amount,
    coalesce(quantity, 1) as quantity,
    interval,
    coalesce(interval_count, 1) as interval_count,
    discount_duration,
    percent_off,
    amount_off,
    other_discounts,
    status,
    version_on,
    started_on,
    trial_starts_on,
    trial_ends_on,
    current_period_ends_on,
    cancels_on,
    ended_on,
    cancel_at_period_end = 'true' as ends_with_its_period,
    discount_starts_on,
    discount_ends_on,
    status = 'paused' or pause_behavior is not null or paused_on is not null as is_paused,
    paused_on,
    resumes_on
from last_version_of_the_day
