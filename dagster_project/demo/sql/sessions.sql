-- One row per visit to the site or use of the product that may be delivered between
-- block_from and block_to. Each firm's use comes in slots of equal length with one
-- visit well inside each, so that a firm keeps its pace from month to month.
create or replace temp table sessions as
with paced as (
    select
        firms.*,
        window_day(joined_on) as joined_day,
        -- Two days of weekend and three of late delivery lie before the block.
        window_day(getvariable('block_from')) - 5 as from_day,
        window_day(getvariable('block_to')) as to_day
    from firms
),

slots as (
    select
        *,
        unnest(range(
            floor(from_day / slot_days)::bigint, floor(to_day / slot_days)::bigint + 1
        )) as slot,
        concat_ws('-', firm, 's', slot) as whose,
        getvariable('start')
        + floor((slot + 0.2 + 0.6 * draw(whose, 'when')) * slot_days)::integer as drawn_on
    from paced
),

workdays as (
    select
        *,
        drawn_on + if(
            isodow(drawn_on) > 5 and draw(whose, 'weekend') < 0.7,
            8 - isodow(drawn_on)::integer, 0
        )::integer as on_day
    from slots
),

uses as (
    select
        workdays.*,
        case
            when not pays
                then if(on_day < joined_on + 45, 1, 0.35)
            when not lives.is_active then 0.08
            when not lives.next_is_active and lives.next_on <= on_day + 45 then 0.4
            else 1
        end as chance,
        pays and not lives.is_active as has_left
    from workdays
    asof left join lives
        on workdays.firm = lives.firm and workdays.on_day >= lives.changed_on
    where on_day > joined_on
),

visits as (
    select
        firm, whose, on_day,
        case
            when has_left then 'visit'
            when draw(whose, 'shops') < shops then 'shop'
            else 'use'
        end as kind,
        -- The first user does most of the work.
        1 + floor(draw(whose, 'who') * draw(whose, 'who too') * users)::integer as n
    from uses
    where draw(whose, 'comes') < chance
    union all
    select
        users.firm, concat_ws('-', users.whose, 'enrol'), enrolled_on,
        if(n = 1 and joined_on >= getvariable('start'), 'sign_up', 'enrol'), n
    from users
    inner join firms on users.firm = firms.firm
    union all
    select
        firm, concat_ws('-', firm, 'look', look),
        joined_on - whole(draw(concat_ws('-', firm, 'look', look), 'day'), 1, 14),
        'visit', 1
    from firms
    cross join range(3) as looks (look)
    where look <= 3 * draw(firm, 'looks')
    union all
    -- Somebody who looks and never says who it is: no user of the firm.
    select firm, concat_ws('-', firm, 'stranger', visit), on_day, 'stranger', 0
    from (
        select
            firm,
            greatest(joined_on, getvariable('start')) as known_on,
            unnest(range(
                greatest(0, (to_day - greatest(joined_day, 0)) // 180 - 1),
                greatest(0, (to_day - greatest(joined_day, 0)) // 180 + 1)
            )) as visit,
            known_on + 180 * visit::integer + whole(
                draw(concat_ws('-', firm, visit), 'stranger on'), 0, 179
            ) as on_day
        from paced
    )
)

select
    visits.firm,
    visits.whose,
    visits.kind,
    visits.n,
    visits.on_day,
    if(
        visits.kind in ('visit', 'stranger'),
        moment(visits.on_day, draw(visits.whose, 'at'), 7, 23),
        moment(visits.on_day, draw(visits.whose, 'at'), hour_low, hour_high)
    ) as started_at
from visits
inner join firms on visits.firm = firms.firm
where on_day between getvariable('block_from') - 3 and getvariable('block_to')
    and on_day >= getvariable('start');
