with tonight as (
    select * from {{ source('segmentation', 'assignments') }}
    where as_of_date = {{ tonight() }}
),

history as (
    select
        customer_id,
        model,
        valid_from,
        valid_to,
        lag(segment) over (partition by customer_id, model order by valid_from) as previous_segment
    from {{ ref('customer_segment_history') }}
)

select
    tonight.as_of_date,
    tonight.customer_id,
    tonight.model,
    tonight.segment,
    history.valid_from as assigned_since,
    history.previous_segment,
    tonight.confidence,
    tonight.margin,
    tonight.next_segment,
    tonight.coverage,
    tonight.reason_code,
    tonight.reason_feature,
    tonight.reason_value,
    tonight.reason_threshold
from tonight
left join history
    on
        tonight.customer_id = history.customer_id
        and tonight.model = history.model
        and history.valid_to is null
