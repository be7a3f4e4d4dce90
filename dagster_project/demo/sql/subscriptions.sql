-- One row per paid period, and the feed's versions of it: opened, later ended.
create or replace temp table periods as
select
    lives.firm,
    lives.k,
    firms.joined_on,
    firms.billing_customer_id,
    firms.vat,
    lives.changed_on as starts_on,
    lives.next_on as ends_on,
    lives.next_is_active,
    lives.is_annual,
    lives.seats,
    levels.plan,
    levels.tier,
    'sub_' || lpad(lives.firm::varchar, 7, '0') || '_'
    || row_number() over (partition by lives.firm order by lives.k)
        as subscription_id,
    -- A year costs ten months.
    round(
        ((levels.base + levels.per_seat * lives.seats) * (1 - firms.discount)
        * if(lives.is_annual, 10, 12) / 12)::decimal(18, 6), 2
    )::decimal(18, 2) as monthly_amount
from lives
inner join firms on lives.firm = firms.firm
inner join levels on lives.level = levels.level
where lives.is_active;

create or replace temp table subscriptions as
with versions as (
    select
        *,
        null::date as shown_end,
        'active' as status,
        moment(starts_on, draw(subscription_id, 'opened'), 8, 18) as updated_at,
        greatest(starts_on, getvariable('start')) as delivered_on
    from periods
    where ends_on is null or ends_on > getvariable('start')
    union all
    select
        *,
        ends_on as shown_end,
        if(next_is_active, 'replaced', 'canceled') as status,
        moment(ends_on, draw(subscription_id, 'ended'), 1, 7) as updated_at,
        greatest(ends_on, getvariable('start')) as delivered_on
    from periods
    where ends_on is not null
)

select
    subscription_id,
    billing_customer_id,
    starts_on,
    shown_end as ends_on,
    concat_ws('_', plan, if(is_annual, 'annual', 'monthly')) as plan_id,
    plan,
    tier,
    monthly_amount,
    'EUR' as currency,
    seats as quantity,
    status,
    updated_at,
    delivered_on
from versions;
