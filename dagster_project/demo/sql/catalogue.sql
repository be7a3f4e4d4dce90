-- What the firm sells and at which conditions: the same for all customers, delivered
-- with the first chunk. Products, plans and their features come as a whole, on the first
-- day and whenever something changes (never twice in a month).
create or replace temp table catalogue_days as
select
    day as delivered_on,
    (row_number() over (order by day) - 1)::integer as edition
from (
    select getvariable('start') as day
    union
    select unnest(generate_series(
        (date_trunc('quarter', getvariable('start')) + interval 3 month)::timestamp,
        getvariable('until')::timestamp,
        interval 3 month
    ))::date
)
where day <= getvariable('until') and getvariable('first_firm') = 1;

create or replace temp table products as
with listed (product_id, name, category, price, cost, climate, edition_from, edition_to) as (
    values
    ('plan_starter', 'Starter', 'plan', 25.0, 4.0, null, 0, null),
    ('plan_team', 'Team', 'plan', 118.0, 16.0, null, 0, null),
    ('plan_business', 'Business', 'plan', 480.0, 61.0, null, 0, null),
    ('plan_enterprise', 'Enterprise', 'plan', 2900.0, 340.0, null, 0, null),
    ('addon_training', 'Training day', 'add-on', 490.0, 260.0, null, 0, null),
    ('addon_storage', 'More storage', 'add-on', 90.0, 11.0, null, 0, null),
    ('addon_migration', 'Migration', 'add-on', 750.0, 390.0, null, 0, null),
    ('addon_season', 'Season pass', 'add-on', 120.0, 14.0, null, 0, null),
    ('sensor_indoor', 'Indoor sensor', 'hardware', 79.0, 31.0, null, 0, null),
    ('sensor_frost', 'Frost sensor', 'hardware', 129.0, 52.0, 'cold', 0, null),
    ('sensor_heat', 'Heat sensor', 'hardware', 119.0, 47.0, 'hot', 2, null),
    ('manual_printed', 'Printed manual', 'hardware', 29.0, 12.0, null, 0, 1)
)

select
    product_id,
    name,
    category,
    price::decimal(18, 2) as price,
    -- Costs rise by one in a hundred each quarter.
    (cost * (100 + edition) / 100)::decimal(18, 2) as unit_cost,
    climate,
    case product_id
        when 'addon_season' then make_date(year(delivered_on)::integer, 4, 1)
        when 'sensor_frost' then make_date(winter, 9, 1)
    end as season_from,
    case product_id
        when 'addon_season' then make_date(year(delivered_on)::integer, 9, 30)
        when 'sensor_frost' then make_date(winter + 1, 2, 28)
    end as season_to,
    delivered_on
from listed
cross join (
    select
        *,
        (year(delivered_on) - if(month(delivered_on) < 3, 1, 0))::integer as winter
    from catalogue_days
)
where edition >= edition_from and (edition_to is null or edition <= edition_to);

create or replace temp table price_list as
with terms as (
    select *, concat_ws('_', plan, term) as plan_id
    from levels
    cross join (values ('monthly', 12), ('annual', 10)) as listed (term, months_paid)
)

select
    plan_id,
    plan,
    tier,
    level as rank,
    ((base + per_seat * seats_from) * months_paid / 12.0)::decimal(18, 2) as monthly_amount,
    0 as known_from
from terms
union all
select 'trial', 'trial', 'trial', 0, 0, 0
union all
select 'nonprofit_annual', 'nonprofit', 'basic', 1, 9, 200;

create or replace temp table plans as
select plan_id, tier, rank, monthly_amount, getvariable('start') + day as delivered_on
from price_list
cross join (values (0), (200)) as editions (day)
where known_from <= day and getvariable('first_firm') = 1
    and getvariable('start') + day <= getvariable('until');

-- `fax` is announced to end on day 90 and ends on day 120, `comments` on day 360 and 455.
create or replace temp table plan_features as
with listed (feature, level_from, level_to) as (
    values
    ('dashboards', 0, 4), ('reports', 0, 4), ('exports', 0, 4), ('automation', 0, 4),
    ('api', 0, 0), ('alerts', 0, 0), ('api', 2, 4), ('alerts', 2, 4),
    ('comments', 2, 4), ('templates', 2, 4), ('integrations', 2, 4),
    ('audit_log', 2, 4), ('fax', 1, 2), ('sandbox', 3, 4), ('single_sign_on', 4, 4)
)

select
    price_list.plan_id,
    listed.feature,
    case
        when feature = 'fax' and day >= 90 then getvariable('start') + 120
        when feature = 'comments' and day >= 360 then getvariable('start') + 455
    end as retired_on,
    getvariable('start') + day as delivered_on
from price_list
inner join listed on price_list.rank between level_from and level_to
cross join (values (0), (90), (200), (360)) as editions (day)
where known_from <= day and getvariable('first_firm') = 1
    and getvariable('start') + day <= getvariable('until');

-- One discount a month, made known a week ahead. One in four is extended on its last day.
create or replace temp table offers as
with announced as (
    select
        month::date as valid_from,
        'offer_' || strftime(month, '%Y_%m') as offer_id,
        draw(offer_id, 'what') as what,
        last_day(month::date) as valid_to
    from (
        select unnest(generate_series(
            date_trunc('month', getvariable('start'))::timestamp,
            (getvariable('until') + 7)::timestamp,
            interval 1 month
        )) as month
    )
    where getvariable('first_firm') = 1
),

versions as (
    select
        *, valid_to as shown_to,
        greatest(valid_from - 7, getvariable('start')) as delivered_on
    from announced
    union all
    select *, valid_to + 14, valid_to
    from announced
    where draw(offer_id, 'extended') < 0.25
)

select
    offer_id,
    if(
        what < 0.5,
        pick(['addon_training', 'addon_storage', 'addon_season', 'sensor_indoor'],
            what * 2),
        null
    ) as product_id,
    if(
        what >= 0.5,
        pick(['starter_annual', 'team_annual', 'business_annual'], what * 2 - 1),
        null
    ) as plan_id,
    pick([0.05, 0.1, 0.15, 0.25], draw(offer_id, 'discount'))::decimal(4, 2) as discount,
    valid_from,
    shown_to as valid_to,
    moment(delivered_on, 0.5, 6, 8) as updated_at,
    delivered_on
from versions
where delivered_on <= getvariable('until');
