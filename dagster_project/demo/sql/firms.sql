-- One row per firm of the chunk that anyone could have met before `until` + 21 days:
-- a firm is seen on the site up to two weeks before it joins.
create or replace temp table firms as
with numbered as (
    select range::integer as firm
    from range(getvariable('first_firm'), getvariable('last_firm') + 1)
),

dated as (
    select
        firm,
        -- Steps of the golden section: every persona is there among 30 firms.
        (firm * 61803::bigint + getvariable('seed') % 100000 * 7919) % 100000
            / 1000.0::double
            as ticket,
        case
            when firm <= getvariable('founders')
                then getvariable('start') - whole(draw(firm, 'joined'), 1, 900)
            else
                getvariable('start') + (
                    (firm - getvariable('founders') - 1) * 395
                    // getvariable('arrivals')
                )::integer
        end as joined_on
    from numbered
)

select
    dated.firm,
    dated.joined_on,
    'acc_' || lpad(dated.firm::varchar, 7, '0') as account_id,
    if(
        personas.pays, 'cus_' || lpad(dated.firm::varchar, 7, '0'), null
    ) as billing_customer_id,
    pick(['alpine', 'amber', 'baltic', 'cedar', 'delta', 'ember', 'granite',
        'harbour', 'indigo', 'juniper', 'linden', 'meadow', 'nordic', 'orchard',
        'quartz', 'river'], draw(dated.firm, 'adjective'))
    || '-'
    || pick(['analytics', 'bakery', 'clinic', 'design', 'foods', 'freight', 'labs',
        'logistics', 'media', 'motors', 'outdoor', 'school', 'studio', 'tools',
        'travel', 'works'], draw(dated.firm, 'noun'))
    || dated.firm as company,
    whole(draw(dated.firm, 'users'), users_low, users_high) as users,
    30 / (sessions * (0.85 + 0.3 * draw(dated.firm, 'pace')))::double as slot_days,
    places.country,
    places.region,
    places.city,
    places.postal_code,
    places.vat,
    personas.* exclude (share, share_from, share_to)
from dated
inner join personas
    on dated.ticket >= personas.share_from and dated.ticket < personas.share_to
inner join places on whole(draw(dated.firm, 'place'), 1, 13) = places.place
where dated.joined_on <= getvariable('until') + 21;
