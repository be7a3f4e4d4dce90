-- One row per firm and change of its contract. A life is a walk over the monthly
-- anniversaries of the day the firm joined; no step knows where the window ends.
create or replace temp table lives as
with recursive steps as (
    select
        firm,
        0 as k,
        joined_on as changed_on,
        true as is_active,
        level,
        whole(draw(firm, 'seats'), seats_low, seats_high) as seats,
        draw(firm, 'annual') < annual as is_annual,
        0 as since_k,
        'new' as change
    from firms
    where pays

    union all

    select
        firm,
        k,
        changed_on,
        case change when 'leave' then false when 'return' then true else is_active end,
        new_level,
        case change
            when 'grow' then least(seats + whole(draw(whose, 'seats'), 1, 3), seats_to)
            when 'up' then greatest(seats, seats_up)
            when 'down' then least(seats, seats_down)
            else seats
        end,
        is_annual,
        if(change is null, since_k, k),
        change
    from (
        select
            decided.*,
            decided.level + case change when 'up' then 1 when 'down' then -1 else 0 end
                as new_level,
            here.seats_to,
            above.seats_from as seats_up,
            below.seats_to as seats_down
        from (
            select
                drawn.*,
                case
                    when is_active and pauses and month(changed_on) in (4, 5)
                        then if(chance < 0.75, 'leave', null)
                    when not is_active and pauses
                        then if(
                            month(changed_on) in (9, 10) and chance < 0.85,
                            'return', null
                        )
                    when
                        is_active and ends_term
                        -- Those who left before the window are not in it.
                        and changed_on >= getvariable('start')
                        and chance < if(is_annual, 6, 1) * churn
                        then 'leave'
                    when
                        is_active and ends_term and level > 1
                        and chance >= 0.2 and chance < 0.2 + downgrade
                        then 'down'
                    when
                        is_active and level < level_cap
                        and chance >= 0.4 and chance < 0.4 + upgrade
                        then 'up'
                    when is_active and chance >= 0.6 and chance < 0.6 + grow
                        then 'grow'
                    when
                        not is_active and k - since_k between 2 and 9
                        and chance < reactivate
                        then 'return'
                end as change
            from (
                select
                    steps.firm,
                    steps.k + 1 as k,
                    (firms.joined_on + to_months(steps.k + 1))::date as changed_on,
                    steps.is_active,
                    steps.level,
                    steps.seats,
                    steps.is_annual,
                    steps.since_k,
                    concat_ws('-', steps.firm, steps.k + 1) as whose,
                    draw(concat_ws('-', steps.firm, steps.k + 1), 'life') as chance,
                    not steps.is_annual
                    or (steps.k + 1 - steps.since_k) % 12 = 0 as ends_term,
                    firms.pauses,
                    firms.level_cap,
                    firms.upgrade,
                    firms.grow,
                    firms.downgrade,
                    firms.churn,
                    firms.reactivate
                from steps
                inner join firms on steps.firm = firms.firm
                -- Usage fades before a firm leaves, so a life is known ahead.
                where firms.joined_on + to_months(steps.k + 1)
                    <= getvariable('until') + 60
            ) as drawn
        ) as decided
        inner join levels as here on decided.level = here.level
        left join levels as above on decided.level + 1 = above.level
        left join levels as below on decided.level - 1 = below.level
    ) as stepped
)

select
    steps.firm,
    steps.k,
    steps.changed_on,
    steps.is_active,
    steps.level,
    steps.seats,
    steps.is_annual,
    steps.change,
    lead(steps.changed_on) over lives as next_on,
    lead(steps.is_active) over lives as next_is_active,
    lag(steps.is_active) over lives as previous_is_active
from steps
where steps.change is not null
window lives as (partition by steps.firm order by steps.k);
