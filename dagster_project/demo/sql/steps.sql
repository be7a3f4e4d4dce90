-- One row per event of a session: what was done, in order.
create or replace temp table steps as
with scripts as (
    select
        sessions.*,
        firms.features_low,
        firms.features_high,
        firms.declines,
        draw(sessions.whose, 'turn') as turn,
        case
            when sessions.kind in ('visit', 'stranger') then
                ['landing']
                || if(turn < 0.6, ['pricing'], [])
                || if(turn < 0.35, ['plan', 'plan'], [])
                || if(turn >= 0.85, ['blog'], [])
                || if(turn between 0.3 and 0.4, ['search'], [])
            when sessions.kind = 'sign_up' then
                ['pricing', 'plan', 'sign_up', 'identify', 'group', 'cart_created',
                    'checkout_started']
                || if(draw(sessions.whose, 'card') < firms.declines,
                    ['card_declined'], [])
            when sessions.kind = 'enrol' then ['identify', 'group']
            when sessions.kind = 'shop' then
                ['signed_in', 'pricing', 'plan', 'plan', 'cart_created']
                || if(turn < 0.5, ['checkout_started'], [])
                || if(turn < 0.5 and draw(sessions.whose, 'card') < firms.declines * 3,
                    ['card_declined'], [])
            else
                -- Most stay signed in.
                if(draw(sessions.whose, 'signs in') < 0.35, ['signed_in'], [])
                || repeat(['feature'], whole(
                    draw(sessions.whose, 'features'), features_low, features_high))
                || if(turn < 0.05, ['help'], [])
                || if(turn >= 0.97, ['search'], [])
                || if(turn between 0.2 and 0.22, ['identify', 'group'], [])
        end as script
    from sessions
    inner join firms on sessions.firm = firms.firm
)

select
    firm,
    whose,
    kind,
    n,
    on_day,
    started_at,
    unnest(script) as step,
    generate_subscripts(script, 1)::integer as step_number
from scripts;
