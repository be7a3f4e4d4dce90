with begun as (
    select * from {{ source('raw', 'entitlements') }}
    where starts_on <= {{ tonight() }}
),

latest_version as (
    select
        ----------  whose
        billing_customer_id,
        user_id,

        ----------  what, half-open
        feature,
        starts_on,
        ends_on
    from begun
    qualify {{ winning_version('billing_customer_id, user_id, feature, starts_on') }}
)

select * from latest_version
