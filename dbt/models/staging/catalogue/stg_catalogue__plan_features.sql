with latest_version as (
    select
        plan_id,
        feature,
        retired_on
    from {{ source('raw', 'plan_features') }}
    qualify {{ winning_version('plan_id, feature') }}
)

select * from latest_version
