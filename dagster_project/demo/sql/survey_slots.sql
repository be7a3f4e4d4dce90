-- One row per questionnaire that somebody answers: NPS each quarter, satisfaction now
-- and then, one questionnaire in the first weeks and, by some, one about themselves.
create or replace temp table answering as
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
    union all
    select *, 'about_you', 0, 0 from bounds
),

asked as (
    select
        *,
        concat_ws('-', firm, survey_id, slot) as whose,
        if(survey_id in ('welcome', 'about_you'), known_on, joined_on)
        + every * slot + 10 + whole(draw(whose, 'day'), 0, 25) as asked_on
    from slots
)

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
    when 'about_you' then 0.2
    else 0.6
end * if(survey_id in ('welcome', 'about_you') or lives.is_active, 1, 0.1);
