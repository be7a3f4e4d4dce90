-- An answer counts for the segment that the customer was in on the day of the answer, and
-- as unknown when the customer was in none of the model before that day.
with answers as (
    select
        customer_id,
        submitted_on,
        {{ month_of('submitted_on') }} as month,
        answer_number
    from {{ ref('int_customers__answers') }}
    where
        survey_kind = 'nps'
        and answer_number between 0 and 10
        and answer_number = floor(answer_number)
        and superseded_on is null
),

history as (
    select * from {{ ref('customer_segment_history') }}
),

first_known as (
    select model, customer_id, min(valid_from) as known_from
    from history
    group by model, customer_id
),

placed as (
    select
        history.model,
        history.segment,
        answers.month,
        answers.answer_number
    from answers
    inner join history
        on
            answers.customer_id = history.customer_id
            and answers.submitted_on >= history.valid_from
            and answers.submitted_on < coalesce(history.valid_to, {{ end_of_time() }})
    union all
    select
        models.model,
        'unknown' as segment,
        answers.month,
        answers.answer_number
    from answers
    cross join (select distinct model from history) as models
    left join first_known
        on answers.customer_id = first_known.customer_id and models.model = first_known.model
    where coalesce(answers.submitted_on < first_known.known_from, true)
),

counts as (
    select
        model,
        segment,
        month,
        count(*) as n,
        count(*) filter (where answer_number >= 9) as promoters,
        count(*) filter (where answer_number >= 7 and answer_number < 9) as passives,
        count(*) filter (where answer_number < 7) as detractors
    from placed
    group by model, segment, month
),

scores as (
    select
        *,
        100.0 * (promoters - detractors) / n as nps,
        -- Standard error of a difference of two shares of one sample.
        100.0 * sqrt(
            ((promoters + detractors) / cast(n as double) - power((promoters - detractors) / cast(n as double), 2)) / n
        ) as standard_error
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
    cast(standard_error as decimal(9, 4)) as nps_standard_error,
    cast(greatest(nps - 1.96 * standard_error, -100) as decimal(9, 2)) as nps_low,
    cast(least(nps + 1.96 * standard_error, 100) as decimal(9, 2)) as nps_high
from scores
