with sizes as (
    select model, segment, count(*) as customers
    from {{ ref('customer_segments') }}
    group by model, segment
)

select
    {{ tonight() }} as as_of_date,
    registry.model,
    registry.segment,
    registry.segment_order,
    registry.kind,
    registry.title,
    registry.goal,
    registry.kpi,
    registry.owner,
    registry.requirement,
    registry.rule,
    registry.means,
    registry.reviewed_on,
    coalesce(sizes.customers, 0) as customers
from {{ source('segmentation', 'registry') }} as registry
left join sizes on registry.model = sizes.model and registry.segment = sizes.segment
