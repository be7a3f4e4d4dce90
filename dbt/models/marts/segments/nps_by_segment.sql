-- An answer counts for the segment that the customer was in on the day of the answer.
with answers as (
    select
        customer_id,
        submitted_on,
        {{ month_of('submitted_on') }} as month,
        answer_number
    from {{ ref('int_customers__answers') }}
    where survey_kind = 'nps' and answer_number between 0 and 10
),

counts as (
    select
        history.model,
        history.segment,
        answers.month,
        count(*) as n,
        count(*) filter (where answers.answer_number >= 9) as promoters,
        count(*) filter (where answers.answer_number >= 7 and answers.answer_number < 9) as passives,
        count(*) filter (where answers.answer_number < 7) as detractors
    from answers
    inner join {{ ref('customer_segment_history') }} as history
        on
            answers.customer_id = history.customer_id
            and answers.submitted_on >= history.valid_from
            and answers.submitted_on < coalesce(history.valid_to, {{ end_of_time() }})
    group by history.model, history.segment, answers.month
),

scores as (
    select
        *,
        100.0 * (promoters - detractors) / n as nps,
        -- Standard error of a difference of two shares of one sample.
        196.0 * sqrt(
            ((promoters + detractors) / cast(n as double) - power((promoters - detractors) / cast(n as double), 2)) / n
        ) as margin
    from counts
)

select
    {{ tonight() }} as as_of_date,
    model,
    segment,
    month,
    n,
    promoters,
    passives,
    detractors,
    cast(nps as decimal(9, 2)) as nps,
    cast(greatest(nps - margin, -100) as decimal(9, 2)) as nps_low,
    cast(least(nps + margin, 100) as decimal(9, 2)) as nps_high
from scores
