-- One row per version of a contact of the CRM: most users of the accounts, and in large
-- firms somebody who pays and never uses anything.
create or replace temp table contacts as
with people as (
    select
        users.firm, users.n, users.whose, users.user_id, users.email, users.phone,
        users.language, users.enrolled_on
    from users
    where n = 1 or draw(users.whose, 'in the CRM') < 0.7
    union all
    select
        users.firm, 0, concat_ws('-', users.firm, 0), null,
        'finance@' || split_part(users.email, '@', 2), null, users.language,
        users.enrolled_on
    from users
    inner join firms on users.firm = firms.firm
    where users.n = 1 and firms.level >= 3
),

placed as (
    select
        people.*,
        firms.account_id,
        case
            when people.n = 0 then 'c_level'
            when people.n = 1 then if(firms.level = 4, 'director', 'c_level')
            when people.n = 2 then 'manager'
            else 'staff'
        end as rank_then,
        'con_' || lpad(people.firm::varchar, 7, '0') || '_' || people.n as contact_id
    from people
    inner join firms on people.firm = firms.firm
    where firms.account_id in (select account_id from accounts)
        and enrolled_on <= getvariable('until')
),

versions as (
    select
        *, rank_then as seniority, enrolled_on as changed_on,
        moment(enrolled_on, draw(whose, 'contact'), 9, 18) as updated_at
    from placed
    union all
    select
        * exclude (promoted_on), 'director', promoted_on,
        moment(promoted_on, 0.5, 9, 18)
    from (
        select *, enrolled_on + whole(draw(whose, 'promoted on'), 60, 500) as promoted_on
        from placed
        where rank_then in ('manager', 'staff') and draw(whose, 'promoted') < 0.06
    )
)

select
    contact_id,
    if(draw(whose, 'contact capitals') < 0.05, upper(email), email) as email,
    if(draw(whose, 'contact phone') < 0.5, phone, null) as phone,
    account_id,
    if(draw(whose, 'contact user') < 0.4, user_id, null) as user_id,
    case seniority
        when 'c_level' then if(n = 0, 'Chief Financial Officer', 'Managing Director')
        when 'director' then pick(['Director of Operations', 'Director of IT'],
            draw(whose, 'job'))
        when 'manager' then pick(['Team Lead', 'Project Manager', 'Head of Marketing'],
            draw(whose, 'job'))
        else pick(['Analyst', 'Office Manager', 'Designer', 'Engineer'],
            draw(whose, 'job'))
    end as job_title,
    seniority,
    language,
    updated_at,
    delivered_weekly(changed_on) as delivered_on
from versions;
