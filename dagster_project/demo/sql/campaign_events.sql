-- One row per step of a campaign with one user. Every other week a campaign goes to a
-- part of those who allow it on its channel; some of them go on, step by step.
create or replace temp table campaign_events as
with kinds (kind, campaign, channel, share, cost) as (
    values
    (0, 'newsletter', 'email', 0.3, 0.01),
    (1, 'bigger_plan', 'email', 0.15, 0.01),
    (2, 'webinar', 'event', 0.4, 12.0),
    (3, 'season_start', 'sms', 0.4, 0.08),
    (4, 'newsletter', 'email', 0.3, 0.01),
    (5, 'call_round', 'phone', 0.3, 6.5),
    (6, 'product_tips', 'in_app', 0.3, 0.0),
    (7, 'stories', 'social', 0.5, 0.35),
    (8, 'newsletter', 'email', 0.3, 0.01),
    (9, 'printed_guide', 'post', 0.5, 1.9)
),

campaigns as (
    select
        *,
        getvariable('start') + 14 * number + 3 as sent_on,
        concat_ws('_', 'cmp', campaign, number) as campaign_id
    from (
        select unnest(range(
            greatest(0, (window_day(getvariable('since')) - 45) // 14),
            window_day(getvariable('until')) // 14 + 1
        ))::integer as number
    )
    inner join kinds on number % 10 = kind
    where sent_on <= getvariable('until')
),

chosen as (
    select
        users.firm, users.n, users.user_id, users.email, campaigns.*,
        concat_ws('-', users.whose, campaign_id) as touch,
        moment(sent_on, draw(touch, 'sent at'), 9, 11) as sent_at
    from users
    cross join campaigns
    where enrolled_on < sent_on
        and draw(concat_ws('-', users.whose, campaign_id), 'chosen') < share
),

allowed as (
    select chosen.*
    from chosen
    asof inner join (from consents where purpose = 'marketing') as said
        on chosen.firm = said.firm and chosen.n = said.n
        and chosen.channel = said.channel and chosen.sent_at >= said.changed_at
    where said.status = 'granted'
),

warmed as (
    select
        allowed.*,
        firms.level,
        -- Who answers surveys answers campaigns, on the channel of choice above all.
        (0.3 + 0.7 * firms.nps_answers)
        * if(allowed.channel = firms.channel, 1.0, 0.75) as warm
    from allowed
    inner join firms on allowed.firm = firms.firm
),

-- How far each touch got, and when.
walked as (
    select
        *,
        case
            when draw(touch, 'arrives') >= 0.97 then 1
            when draw(touch, 'opens') >= 0.65 * warm then 2
            when draw(touch, 'clicks') >= 0.45 * warm then 3
            when draw(touch, 'replies') >= 0.50 * warm then 4
            when draw(touch, 'converts') >= 0.55 * warm then 5
            when draw(touch, 'buys') >= 0.60 then 6
            else 7
        end as steps,
        sent_at + to_seconds(5 + floor(draw(touch, 'arrives') * 300)::bigint) as came_at,
        came_at + to_seconds(floor(draw(touch, 'opened at') * 172800)::bigint) as seen_at,
        seen_at + to_seconds(3 + floor(draw(touch, 'clicked at') * 600)::bigint)
            as clicked_at,
        clicked_at + to_seconds(3600 + floor(draw(touch, 'replied at') * 259200)::bigint)
            as replied_at,
        replied_at
        + to_seconds(7200 + floor(draw(touch, 'converted at') * 604800)::bigint)
            as converted_at,
        converted_at + to_seconds(7200 + floor(draw(touch, 'bought at') * 864000)::bigint)
            as bought_at
    from warmed
),

events as (
    select
        *,
        unnest(range(1, steps + 1))::integer as step,
        case step
            when 1 then 'sent' when 2 then 'delivered' when 3 then 'opened'
            when 4 then 'clicked' when 5 then 'replied' when 6 then 'converted'
            else 'opportunity'
        end as event_type,
        case step
            when 1 then sent_at when 2 then came_at when 3 then seen_at
            when 4 then clicked_at when 5 then replied_at when 6 then converted_at
            else bought_at
        end as event_at
    from walked
)

select
    'ce_' || token(touch, step, 20) as event_id,
    campaign_id,
    if(channel in ('in_app', 'social') or draw(touch, 'known by') < 0.1, null, email)
        as email,
    if(channel in ('in_app', 'social') or draw(touch, 'known by') < 0.1, user_id, null)
        as user_id,
    channel,
    event_type,
    event_at,
    if(step = 7, (200 + 600 * level * level) * whole(draw(touch, 'size'), 1, 4), null)
        ::decimal(18, 2) as pipeline_amount,
    if(step = 1, cost, null)::decimal(18, 2) as cost,
    -- Who answers and does not go on says why not.
    if(
        step = 5 and steps = 5,
        pick(['too expensive', 'no time', 'not needed now', 'uses another product'],
            draw(touch, 'no')),
        null
    ) as reason,
    event_at::date as delivered_on
from events;
