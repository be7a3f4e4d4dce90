with measures as (
    select * from {{ ref('customer_measures') }}
    where revenue_12m is not null
),

-- One basis for all: margins of some beside the revenue of others would rank nobody.
bases as (
    select
        as_of_date,
        case
            when
                sum(cast(revenue_12m * coalesce(margin_known_share, 0) as decimal(18, 2)))
                >= {{ threshold('margin_basis_minimum_share') }} * sum(revenue_12m)
                and sum(revenue_12m) > 0
                then 'margin'
            else 'revenue'
        end as profit_basis
    from measures
    group by as_of_date
),

profits as (
    select
        measures.customer_id,
        measures.as_of_date,
        bases.profit_basis,
        measures.revenue_12m > 0 as has_bought,
        case bases.profit_basis when 'margin' then measures.margin_12m else measures.revenue_12m end
            as profit_12m
    from measures
    inner join bases on measures.as_of_date = bases.as_of_date
),

ranked as (
    select
        customer_id,
        as_of_date,
        row_number() over in_order as profit_rank,
        count(*) over (partition by as_of_date) as buyers,
        sum(profit_12m) over (
            partition by as_of_date order by profit_12m desc, customer_id asc
            rows between unbounded preceding and current row
        ) as profit_so_far,
        sum(profit_12m) over (partition by as_of_date) as profit_of_all
    from profits
    where has_bought and profit_12m is not null
    window in_order as (partition by as_of_date order by profit_12m desc, customer_id asc)
)

select
    profits.customer_id,
    profits.as_of_date,
    profits.profit_basis,
    profits.profit_12m,
    ranked.profit_rank,
    case when ranked.profit_of_all > 0 then round(ranked.profit_so_far / ranked.profit_of_all, 6) end
        as profit_share_up_to,
    case
        when ranked.profit_rank is not null
            then ranked.profit_rank <= ceil({{ threshold('top_customers_share') }} * ranked.buyers)
        when not profits.has_bought then false
    end as is_top_20
from profits
left join ranked
    on profits.customer_id = ranked.customer_id and profits.as_of_date = ranked.as_of_date
