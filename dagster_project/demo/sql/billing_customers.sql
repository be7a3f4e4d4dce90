-- One row per version of a billing customer.
create or replace temp table billing_customers as
with payers as (
    select
        firms.*,
        -- For a few, somebody else gets the bills from some day on.
        if(
            users > 1 and draw(firms.firm, 'moves') < 0.05,
            greatest(firms.joined_on, getvariable('start'))
            + whole(draw(firms.firm, 'moves on'), 20, 500),
            null
        ) as moved_on
    from firms
    where pays
),

versions as (
    select *, 1 as n, joined_on as changed_on from payers
    union all
    select *, 2 as n, moved_on as changed_on from payers where moved_on is not null
)

select
    versions.billing_customer_id,
    -- People type their address as they like.
    if(
        draw(users.whose, 'capitals') < 0.05, upper(users.email), users.email
    ) as email,
    if(draw(versions.firm, 'knows user') < 0.5, users.user_id, null) as user_id,
    users.name,
    if(draw(users.whose, 'phone') < 0.6, users.phone, null) as phone,
    versions.country,
    versions.region,
    versions.city,
    versions.postal_code,
    'EUR' as currency,
    versions.account_id,
    moment(versions.joined_on, draw(versions.firm, 'created'), 8, 18) as created_at,
    if(versions.n = 1, created_at, moment(versions.changed_on, 0.5, 19, 20))
        as updated_at,
    greatest(versions.changed_on, getvariable('start')) as delivered_on
from versions
inner join users on versions.firm = users.firm and versions.n = users.n;
