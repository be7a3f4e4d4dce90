with months as (
    select
        customer_id,
        month,
        mrr as mrr_after,
        coalesce(lag(mrr) over (partition by customer_id order by month), 0) as mrr_before
    from {{ ref('customer_mrr_monthly') }}
),

-- Between two changes MRR stays, so that the changes alone say who has paid before.
changes as (
    select
        *,
        coalesce(
            max(mrr_after) over (
                partition by customer_id order by month
                rows between unbounded preceding and 1 preceding
            ), 0
        ) > 0 as has_paid_before
    from months
    where mrr_after <> mrr_before
)

select
    {{ tonight() }} as as_of_date,
    customer_id,
    month,
    case
        when mrr_before = 0 and not has_paid_before then 'new'
        when mrr_before = 0 then 'reactivation'
        when mrr_after = 0 then 'churn'
        when mrr_after > mrr_before then 'expansion'
        else 'contraction'
    end as kind,
    cast(mrr_after - mrr_before as decimal(18, 2)) as amount,
    cast(mrr_before as decimal(18, 2)) as mrr_before,
    mrr_after
from changes
