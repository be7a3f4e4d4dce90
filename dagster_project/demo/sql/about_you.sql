-- One row per answer that somebody gives about himself or herself. Agreement goes from
-- 1, not at all, to 5, very much; one item of a scale is put the other way round.
create or replace temp table about_you as
with statements (statement, scale, is_reversed) as (
    values
    ('looks_at_price_first', 'price', false),
    ('waits_for_offers', 'price', false),
    ('pays_more_for_quality', 'price', true),
    ('tries_new_tools_first', 'new things', false),
    ('likes_to_change_how_we_work', 'new things', false),
    ('prefers_what_is_proven', 'new things', true),
    ('finds_out_alone', 'alone', false),
    ('wants_somebody_to_call', 'alone', true),
    ('buys_from_green_suppliers', 'green', false),
    ('environment_comes_last', 'green', true)
),

agreeing as (
    select
        answering.*,
        statement,
        is_reversed,
        case
            when scale = 'green' then whole(draw(whose, 'green'), 1, 4)
            when scale = 'price' and persona in ('bargain_seeker', 'tire_kicker') then 5
            when scale = 'price' and persona = 'enterprise' then 1
            when scale <> 'price' and persona = 'power_team' then 5
            when scale = 'alone' and persona = 'struggling' then 1
            else 3
        end + whole(draw(whose, statement), -1, 1) as leaning
    from answering
    cross join statements
    where survey_id = 'about_you'
),

told as (
    select
        answering.*,
        kind,
        question,
        case question
            when 'age' then whole(draw(whose, 'age'), 19, 67)
            when 'family_size' then whole(draw(whose, 'family'), 1, 5)
        end as number,
        case question
            when 'gender' then pick(['Female', 'Male', 'Female', 'Male', 'Non-binary'],
                draw(whose, 'gender'))
            when 'marital_status' then pick(['Single', 'Married', 'In a relationship',
                'Divorced', 'Widowed'], draw(whose, 'marital'))
            when 'education' then pick(['High school', 'Apprenticeship',
                'Bachelor''s degree', 'Master''s degree', 'PhD'], draw(whose, 'school'))
            when 'occupation' then if(level <= 1, 'Self-employed', 'Employed')
            when 'household_income' then pick(['20-40k', '40-60k', '60-100k', '100k+'],
                draw(whose, 'income'))
            when 'main_interest' then pick(['Technology', 'Growing the business',
                'Team', 'Saving costs', 'Chess'], draw(whose, 'interest'))
            when 'purchase_reason' then case persona
                when 'bargain_seeker' then 'Good price'
                when 'struggling' then 'Replaced an old tool'
                else pick(['Recommended', 'Needed a feature', 'Required by a customer'],
                    draw(whose, 'reason'))
            end
            when 'purchase_intention' then case persona
                when 'power_team' then 'Buy more'
                when 'struggling' then 'Leave'
                when 'tire_kicker' then 'Not sure'
                else 'Stay'
            end
        end as said,
        draw(whose, question || ' is private') < 0.06 as is_private
    from answering
    cross join (
        values
        ('demographic', 'age'), ('demographic', 'gender'),
        ('demographic', 'marital_status'), ('demographic', 'education'),
        ('demographic', 'occupation'), ('demographic', 'household_income'),
        ('demographic', 'family_size'), ('psychographic', 'main_interest'),
        ('benefits', 'purchase_reason'), ('benefits', 'purchase_intention')
    ) as asks (kind, question)
    where survey_id = 'about_you'
)

select
    * exclude (statement, is_reversed, leaning),
    'psychographic' as survey_kind,
    statement as question_id,
    if(is_reversed, 6, 0) + if(is_reversed, -1, 1) * least(5, greatest(1, leaning))
        as answer_number,
    null as answer_text
from agreeing
union all
select
    * exclude (kind, question, number, said, is_private), kind, question,
    if(is_private, null, number), if(is_private, 'Prefer not to say', said)
from told;
