with latest_version as (
    select
        product_id,
        name,
        category,
        price,
        unit_cost,
        climate,
        season_from,
        season_to
    from {{ source('raw', 'products') }}
    qualify {{ winning_version('product_id') }}
)

select * from latest_version
