with control as (
    select * from {{ source('night', 'control') }}
),

earlier as (
    select * from {{ source('release', 'customer_segment_history') }}
),

tonight as (
    select * from {{ source('segmentation', 'assignments') }}
),

-- What each customer was on each date that is known. A date without a segment ends the
-- row before it; tonight's word replaces an earlier one about the same date.
points as (
    select customer_id, model, as_of_date as since, segment, cast(null as varchar) as change_cause, 1 as priority
    from tonight
    union all
    select customer_id, model, valid_from, segment, change_cause, 2
    from earlier
    union all
    select customer_id, model, valid_to, null, null, 3
    from earlier
    where valid_to is not null
    union all
    select earlier.customer_id, earlier.model, control.as_of_date, null, null, 4
    from earlier
    cross join control
    where earlier.valid_to is null
),

known as (
    select * from points
    qualify row_number() over (partition by customer_id, model, since order by priority) = 1
),

compared as (
    select
        *,
        lag(segment) over in_time as segment_before,
        row_number() over in_time = 1 as is_first
    from known
    window in_time as (partition by customer_id, model order by since)
),

rows_of_history as (
    select
        *,
        lead(since) over (partition by customer_id, model order by since) as valid_to
    from compared
    where is_first or segment is distinct from segment_before
)

select
    control.as_of_date,
    history.customer_id,
    history.model,
    history.segment,
    history.since as valid_from,
    history.valid_to,
    coalesce(history.change_cause, causes.change_cause, 'first') as change_cause
from rows_of_history as history
cross join control
left join {{ ref('segment_change_causes') }} as causes
    on
        history.customer_id = causes.customer_id
        and history.model = causes.model
        and not history.is_first
where history.segment is not null
