with latest_version as (
    select
        plan_id,
        tier,
        rank as plan_rank,
        monthly_amount
    from {{ source('raw', 'plans') }}
    qualify {{ winning_version('plan_id') }}
)

select * from latest_version
