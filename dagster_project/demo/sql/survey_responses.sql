-- One row per answer: NPS each quarter with a reason, satisfaction now and then, and
-- one questionnaire in the first weeks.
create or replace temp table survey_responses as
with bounds as (
    select
        *,
        greatest(joined_on, getvariable('start')) as known_on,
        greatest(window_day(getvariable('since')) - 10, 0) as from_day,
        window_day(getvariable('until')) as to_day,
        window_day(joined_on) as joined_day
    from firms
),

slots as (
    select
        *, 'nps' as survey_id, 91 as every,
        unnest(range(
            greatest(0, (from_day - joined_day - 60) // 91),
            greatest(0, (to_day - joined_day) // 91 + 1)
        ))::integer as slot
    from bounds
    where pays
    union all
    select
        *, 'support', 60,
        unnest(range(
            greatest(0, (from_day - joined_day - 60) // 60),
            greatest(0, (to_day - joined_day) // 60 + 1)
        ))::integer
    from bounds
    where pays
    union all
    select *, 'welcome', 0, 0 from bounds
),

asked as (
    select
        *,
        concat_ws('-', firm, survey_id, slot) as whose,
        if(survey_id = 'welcome', known_on, joined_on)
        + every * slot + 10 + whole(draw(whose, 'day'), 0, 25) as asked_on
    from slots
),

answering as (
    select
        asked.*,
        whole(draw(whose, 'who'), 1, asked.users) as n,
        moment(asked_on, draw(whose, 'at'), 8, 20) as submitted_at,
        -- One in twenty answers whatever comes to mind.
        draw(whose, 'noise') < 0.05 as is_noise,
        draw(whose, 'score') as chance
    from asked
    asof left join lives
        on asked.firm = lives.firm and asked.asked_on >= lives.changed_on
    where draw(whose, 'answers') < case survey_id
        when 'nps' then nps_answers
        when 'support' then 0.35
        else 0.6
    end * if(survey_id = 'welcome' or lives.is_active, 1, 0.1)
),

answers as (
    select
        *, 'nps' as survey_kind, 'nps_score' as question_id,
        if(is_noise, whole(chance, 0, 10), whole(chance, nps_low, nps_high))
            as answer_number,
        null as answer_text
    from answering
    where survey_id = 'nps'
    union all
    select *, 'reason', 'nps_reason', null, praise
    from answering
    where survey_id = 'nps' and draw(whose, 'says why') < 0.5
    union all
    select
        *, 'csat', 'csat_score',
        if(is_noise, whole(chance, 1, 5), whole(chance, csat_low, csat_high)),
        null
    from answering
    where survey_id = 'support'
    union all
    select
        answering.*, asks.kind, asks.question, null,
        case asks.kind
            when 'needs' then need when 'benefits' then benefit else channel
        end
    from answering
    cross join (
        values
        ('needs', 'main_need'),
        ('benefits', 'benefit_sought'),
        ('preference', 'preferred_channel')
    ) as asks (kind, question)
    where survey_id = 'welcome'
),

-- A few think again; the later version of an answer wins.
versions as (
    select *, submitted_at as given_at from answers
    union all
    select
        * replace (greatest(answer_number - 1, 1) as answer_number),
        submitted_at + to_days(whole(draw(whose, 'again on'), 1, 5)) as given_at
    from answers
    where answer_number > 1 and draw(whose, 'again') < 0.02
)

select
    'resp_' || token(versions.whose, 'response', 16) as response_id,
    versions.question_id,
    if(draw(versions.whose, 'known by') < 0.6, users.user_id, null) as user_id,
    if(
        draw(versions.whose, 'known by') >= 0.9, versions.billing_customer_id, null
    ) as billing_customer_id,
    if(
        draw(versions.whose, 'known by') >= 0.6
        and (draw(versions.whose, 'known by') < 0.9 or not versions.pays),
        users.email, null
    ) as email,
    versions.survey_id,
    versions.survey_kind,
    versions.answer_number,
    versions.answer_text,
    versions.given_at as submitted_at,
    versions.given_at::date as delivered_on
from versions
inner join users on versions.firm = users.firm and versions.n = users.n;
