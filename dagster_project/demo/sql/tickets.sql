-- One row per version of a ticket: opened, and once more when it was closed. What is
-- asked follows from the persona, how it ends from its satisfaction.
create or replace temp table tickets as
with slots as (
    select
        firms.*,
        unnest(range(
            greatest(0, (window_day(getvariable('since')) - 80) // 40),
            window_day(getvariable('until')) // 40 + 1
        ))::integer as slot,
        concat_ws('-', firm, 'ticket', slot) as ticket,
        getvariable('start') + 40 * slot + whole(draw(ticket, 'day'), 0, 39) as opened_on
    from firms
),

asked as (
    select slots.*, coalesce(lives.is_active, not pays) as is_active
    from slots
    asof left join lives
        on slots.firm = lives.firm and slots.opened_on >= lives.changed_on
    where opened_on > joined_on
        and opened_on <= getvariable('until')
        and draw(ticket, 'asks') < case persona
            when 'struggling' then 0.6
            when 'enterprise' then 0.7
            when 'power_team' then 0.3
            when 'bargain_seeker' then 0.3
            when 'tire_kicker' then 0.06
            else 0.15
        end * if(coalesce(lives.is_active, not pays), 1, 0.15)
),

opened as (
    select
        *,
        whole(draw(ticket, 'who'), 1, users) as n,
        moment(opened_on, draw(ticket, 'at'), hour_low, hour_high) as opened_at,
        case
            when pays and not is_active
                then pick(['cancellation', 'billing'], draw(ticket, 'type'))
            when persona = 'struggling'
                then pick(['how_to', 'how_to', 'problem', 'billing', 'cancellation'],
                    draw(ticket, 'type'))
            when persona in ('power_team', 'enterprise')
                then pick(['feature_request', 'problem', 'how_to', 'access'],
                    draw(ticket, 'type'))
            else pick(['how_to', 'problem', 'billing'], draw(ticket, 'type'))
        end as type,
        if(
            draw(ticket, 'way') < 0.6, channel,
            pick(['email', 'chat', 'phone', 'in_app'], draw(ticket, 'way') * 2.5 - 1.5)
        ) as way,
        whole(draw(ticket, 'csat'), csat_low, csat_high) as score,
        -- Who pays more waits less.
        floor((1 + 95 * draw(ticket, 'hours') * draw(ticket, 'days')) / (1 + level) * 3600)
            ::bigint as seconds_open,
        whole(draw(ticket, 'work'), 4, if(level >= 3, 90, 45)) as minutes
    from asked
),

versions as (
    select *, false as is_closed, opened_at as changed_at from opened
    union all
    select *, true, opened_at + to_seconds(seconds_open) from opened
    where draw(ticket, 'ever') < 0.97
),

topics (topic, subject, body) as (
    values
    ('how_to', 'How do I get started with reports?',
        'We tried the guide and are stuck at the second step.'),
    ('problem', 'Export stops halfway',
        'The export of last month ends with an error. It worked a week ago.'),
    ('billing', 'Question about our invoice',
        'The last invoice is higher than we expected, can somebody explain it?'),
    ('cancellation', 'How can we cancel?',
        'We do not use it enough and look at a cheaper product.'),
    ('feature_request', 'Audit log for all sites',
        'We would need one log over all sites and automation of recurring work.'),
    ('access', 'New colleague cannot sign in',
        'A new colleague needs access before Monday.')
)

select
    'tic_' || token(versions.ticket, 'id', 16) as ticket_id,
    if(draw(versions.ticket, 'known by') < 0.5, users.email, null) as email,
    if(
        draw(versions.ticket, 'known by') >= 0.5
        and (draw(versions.ticket, 'known by') < 0.8 or not versions.pays),
        users.user_id, null
    ) as user_id,
    if(
        draw(versions.ticket, 'known by') >= 0.8, versions.billing_customer_id, null
    ) as billing_customer_id,
    versions.opened_at,
    if(is_closed, changed_at, null) as closed_at,
    versions.type,
    versions.way as channel,
    case
        when versions.level = 4 then pick(['high', 'urgent'], draw(ticket, 'urgency'))
        else pick(['low', 'normal', 'normal', 'high'], draw(ticket, 'urgency'))
    end as priority,
    if(is_closed, 'solved', 'open') as status,
    case versions.country when 'US' then 'AMER' when 'IN' then 'APAC' else 'EMEA' end
        as region,
    case
        when versions.type = 'cancellation' or score <= 2 then 'negative'
        when score >= 5 then 'positive'
        else 'neutral'
    end as sentiment,
    if(is_closed and draw(ticket, 'rates') < 0.4, score, null) as csat,
    if(is_closed, minutes, null) as handle_minutes,
    topics.subject,
    -- People write into a text what they should not.
    topics.body || case
        when draw(ticket, 'adds') < 0.08 then ' Please answer to ' || users.email || '.'
        when draw(ticket, 'adds') < 0.14 then ' Call me back on ' || users.phone || '.'
        else ''
    end as body,
    changed_at as updated_at,
    changed_at::date as delivered_on
from versions
inner join users on versions.firm = users.firm and versions.n = users.n
inner join topics on versions.type = topics.topic;
