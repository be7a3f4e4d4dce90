-- Since the predecessor; on the first night since the last month-end.
with control as (
    select * from {{ source('night', 'control') }}
),

since as (
    select coalesce(
        control.predecessor_as_of,
        (select max(as_of_date) from {{ source('night', 'as_of_dates') }} where not is_tonight)
    ) as since_date
    from control
),

before as (
    select segments.customer_id, segments.model, segments.segment, features.mrr
    from {{ source('release', 'customer_segments') }} as segments
    left join {{ source('release', 'customer_features') }} as features
        on segments.customer_id = features.customer_id
    union all
    select assignments.customer_id, assignments.model, assignments.segment, features.mrr
    from {{ source('segmentation', 'assignments') }} as assignments
    inner join since on assignments.as_of_date = since.since_date
    left join {{ ref('customer_features_spine') }} as features
        on
            assignments.customer_id = features.customer_id
            and assignments.as_of_date = features.as_of_date
    cross join control
    where control.predecessor_as_of is null
),

now as (
    select segments.customer_id, segments.model, segments.segment, features.mrr
    from {{ ref('customer_segments') }} as segments
    inner join {{ ref('customer_features') }} as features
        on segments.customer_id = features.customer_id
),

compared as (
    select
        coalesce(now.model, before.model) as model,
        coalesce(before.segment, '(new)') as from_segment,
        coalesce(now.segment, '(gone)') as to_segment,
        case when now.customer_id is not null then now.mrr else before.mrr end as mrr
    from before
    full outer join now
        on before.customer_id = now.customer_id and before.model = now.model
)

select
    {{ tonight() }} as as_of_date,
    compared.model,
    compared.from_segment,
    compared.to_segment,
    count(*) as customers,
    cast(sum(compared.mrr) as decimal(18, 2)) as mrr,
    since.since_date
from compared
cross join since
group by compared.model, compared.from_segment, compared.to_segment, since.since_date
