with answers as (
    select
        as_of_dates.as_of_date,
        answers.*
    from {{ ref('int_customers__answers') }} as answers
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on answers.submitted_on <= as_of_dates.as_of_date
),

given as (
    select
        customer_id,
        as_of_date,
        count(distinct response_id) as responses_total,
        max(submitted_on) as last_response_on,
        max_by(cast(answer_number as integer), {{ in_order('submitted_at', 'response_id') }}) filter (
            where
                survey_kind = 'nps'
                and answer_number between 0 and 10
                and answer_number = floor(answer_number)
        ) as nps_score,
        cast(avg(answer_number) filter (
            where
                survey_kind = 'csat'
                and {{ days_between('submitted_on', 'as_of_date') }} < {{ threshold('csat_window_days') }}
        ) as decimal(9, 4)) as csat_90d
    from answers
    group by customer_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    given.nps_score,
    case
        when given.nps_score >= 9 then 'promoter'
        when given.nps_score >= 7 then 'passive'
        when given.nps_score >= 0 then 'detractor'
    end as nps_class,
    given.csat_90d,
    {{ known_zero('given.responses_total', 'survey_is_known') }} as responses_total,
    given.last_response_on
from {{ ref('customer_spine') }} as spine
left join given
    on spine.customer_id = given.customer_id and spine.as_of_date = given.as_of_date
