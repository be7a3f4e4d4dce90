-- One row per version of an answer. Who gives a score may also say why.
create or replace temp table survey_responses as
with answers as (
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
    union all
    select * from about_you
),

-- A few think again; the later version of an answer wins.
versions as (
    select *, submitted_at as given_at from answers
    union all
    select
        * replace (greatest(answer_number - 1, 1) as answer_number),
        submitted_at + to_days(whole(draw(whose, 'again on'), 1, 5)) as given_at
    from answers
    where
        answer_number > 1 and survey_kind in ('nps', 'csat')
        and draw(whose, 'again') < 0.02
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
