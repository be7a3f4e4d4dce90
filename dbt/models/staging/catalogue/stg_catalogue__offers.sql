with latest_version as (
    select
        offer_id,
        product_id,
        plan_id,
        discount,
        valid_from,
        valid_to
    from {{ source('raw', 'offers') }}
    qualify {{ winning_version('offer_id') }}
)

select * from latest_version
