-- One row per version of a right to a feature beyond the plan: add-ons bought, a feature
-- tried by one user for a month, and the fax of old customers, which ends on day 120.
create or replace temp table entitlements as
with bought as (
    select
        billing_customer_id,
        null as user_id,
        substr(product_id, 7) as feature,
        invoiced_at::date as starts_on,
        if(product_id = 'addon_storage', null, starts_on + 90) as ends_on,
        invoiced_at + to_hours(1) as updated_at
    from invoice_lines
    where kind = 'one_off'
),

tried as (
    select
        if(draw(whose, 'trial payer') < 0.3, billing_customer_id, null)
            as billing_customer_id,
        users.user_id,
        pick(['sandbox', 'single_sign_on'], draw(whose, 'trial of')) as feature,
        enrolled_on + whole(draw(whose, 'trial on'), 10, 300) as starts_on,
        starts_on + 30 as ends_on,
        moment(starts_on, draw(whose, 'trial at'), 9, 17) as updated_at
    from users
    inner join firms on users.firm = firms.firm
    where firms.pays and firms.level < 4 and draw(whose, 'trial') < 0.12
),

faxes as (
    select billing_customer_id, firm
    from firms
    where joined_on < getvariable('start') and level in (1, 2)
        and draw(firm, 'fax') < 0.3
)

select *, updated_at::date as delivered_on from bought
union all
select *, starts_on from tried where starts_on <= getvariable('until')
union all
select
    billing_customer_id, null, 'fax', getvariable('start'), null,
    moment(getvariable('start'), draw(firm, 'fax at'), 6, 8), getvariable('start')
from faxes
union all
select
    billing_customer_id, null, 'fax', getvariable('start'), getvariable('start') + 120,
    moment(getvariable('start') + 120, draw(firm, 'fax at'), 6, 8),
    getvariable('start') + 120
from faxes
where getvariable('until') >= getvariable('start') + 120;
