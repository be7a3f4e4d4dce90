-- One row per version of an account of the CRM: every firm that pays, most of the
-- others, and the holdings that some large firms belong to. It is looked through on the
-- anniversaries of the day the firm joined.
create or replace temp table accounts as
with known as (
    select
        *,
        greatest(joined_on, getvariable('start')) as known_on,
        -- The first firm of each forty brings its holding along.
        'acc_h' || lpad((firm // 40)::varchar, 6, '0') as holding_id
    from firms
    where (pays or draw(firm, 'in the CRM') < 0.6)
        and joined_on <= getvariable('until')
),

sized as (
    select
        *,
        case level
            when 4 then whole(draw(firm, 'staff'), 800, 6000)
            when 3 then whole(draw(firm, 'staff'), 80, 400)
            when 2 then whole(draw(firm, 'staff'), 12, 90)
            else whole(draw(firm, 'staff'), 2, 25)
        end as staff,
        pick(['software', 'food', 'health', 'services', 'food', 'transport', 'research',
            'transport', 'media', 'manufacturing', 'retail', 'education', 'media',
            'manufacturing', 'travel', 'manufacturing'], draw(firm, 'noun')) as industry,
        case when country = 'US' then 'north-america' when country = 'IN' then 'asia'
            else 'europe' end as desk
    from known
),

reviews as (
    select *, 0 as review, known_on as changed_on from sized
    union all
    select *
    from (
        select
            *,
            unnest(range(1, date_diff('day', joined_on, getvariable('until')) // 365 + 1))
                ::integer as review,
            joined_on + 365 * review as changed_on
        from sized
    )
    where changed_on > known_on and draw(concat_ws('-', firm, review), 'review') < 0.25
),

firm_versions as (
    select
        firm,
        account_id,
        if(
            level = 4 and firm >= 40 and draw(firm, 'holding') < 0.4, holding_id, null
        ) as parent_account_id,
        replace(company, '-', ' ')
        || pick([' GmbH', ' BV', ' Ltd', ' SAS'], draw(firm, 'form')) as name,
        industry,
        staff + staff * review // 10 as employees,
        whole(draw(firm, 'revenue per head'), 60, 190) * 1000::bigint as per_head,
        pick([0, 5, 10, 25], draw(firm, 'services')) as services_percent,
        whole(draw(firm, 'research'), 0, if(industry in ('software', 'research'), 15, 4))
            as research_percent,
        1 + staff // whole(draw(firm, 'site'), 20, 120) as locations,
        country,
        -- A review may hand the account to another colleague.
        concat_ws('-', desk, whole(draw(concat_ws('-', firm, review), 'owner'), 1, 4))
            as owner,
        moment(changed_on, draw(firm, 'account'), 8, 18) as updated_at,
        delivered_weekly(changed_on) as delivered_on
    from reviews
),

holdings as (
    select
        holding_id as account_id,
        'Holding ' || firm // 40 as name,
        country,
        concat_ws('-', desk, 1) as owner,
        moment(known_on, 0.5, 7, 8) as updated_at,
        delivered_weekly(known_on) as delivered_on
    from (
        select
            *,
            case when country = 'US' then 'north-america' when country = 'IN' then 'asia'
                else 'europe' end as desk,
            greatest(joined_on, getvariable('start')) as known_on,
            'acc_h' || lpad((firm // 40)::varchar, 6, '0') as holding_id
        from firms
        where firm % 40 = 0 and joined_on <= getvariable('until')
    )
)

select
    account_id,
    parent_account_id,
    name,
    industry,
    employees,
    (employees * per_head)::decimal(18, 2) as annual_revenue,
    (employees * per_head * services_percent / 100.0::decimal(4, 1))::decimal(18, 2)
        as services_revenue,
    (employees * per_head * research_percent / 100.0::decimal(4, 1))::decimal(18, 2)
        as rd_budget,
    locations,
    country,
    owner,
    updated_at,
    delivered_on
from firm_versions
union all
select
    account_id, null, name, 'holding', null, null, null, null, 1, country, owner,
    updated_at, delivered_on
from holdings;
