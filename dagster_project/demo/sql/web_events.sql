-- One row per delivery of an event. Late ones come up to two days after they happened;
-- a few are delivered again the next day.
create or replace temp table web_events as
with placed as (
    select
        steps.*,
        users.user_id,
        users.email,
        users.role,
        users.language,
        firms.account_id,
        firms.company,
        firms.persona,
        firms.country,
        firms.region,
        firms.city,
        firms.pool,
        concat_ws('-', steps.whose, step_number) as event,
        draw(event, 'what') as what,
        draw(event, 'lag') as lag,
        coalesce(users.whose, steps.whose) as visitor,
        -- Now and then a user has the other device in hand.
        coalesce(
            if(
                draw(steps.whose, 'hand') < 0.12 and steps.kind in ('use', 'shop'),
                if(users.device_type = 'mobile', 'desktop', 'mobile'),
                users.device_type
            ),
            pick(['desktop', 'mobile', 'mobile', 'tablet'], draw(steps.whose, 'hand'))
        ) as device_type,
        started_at + to_seconds(
            (step_number - 1) * 70 + floor(draw(event, 'pause') * 60)::integer
        ) as event_at,
        pick(
            [
                {'s': 'google', 'm': 'cpc', 'c': 'brand', 'r': 'https://www.google.com/'},
                {'s': 'google', 'm': 'organic', 'c': null, 'r': 'https://www.google.com/'},
                {'s': 'linkedin', 'm': 'social', 'c': 'always_on',
                    'r': 'https://www.linkedin.com/'},
                {'s': 'newsletter', 'm': 'email', 'c': 'monthly', 'r': null},
                {'s': null, 'm': null, 'c': null, 'r': null}
            ],
            draw(steps.whose, 'came from')
        ) as origin,
        whole(draw(steps.whose, 'looked at'), 1, 4) as level
    from steps
    inner join firms on steps.firm = firms.firm
    left join users on steps.firm = users.firm and steps.n = users.n
),

said as (
    select
        placed.*,
        levels.plan,
        levels.base + levels.per_seat * levels.seats_from as plan_price,
        step in ('landing', 'pricing', 'plan', 'blog', 'help', 'sign_up') as is_page,
        kind in ('use', 'shop', 'enrol') or step in ('identify', 'group')
        or (kind = 'sign_up' and step_number > 4) as is_signed_in,
        event_at + to_seconds(1 + floor(what * 4)::integer)
        + to_hours(
            case when lag < 0.97 then 0 when lag < 0.99 then 20 else 44 end
        ) as received_at,
        pick(
            ['dashboards', 'reports', 'exports', 'automation', 'api', 'alerts',
                'comments', 'templates', 'integrations', 'audit_log'],
            floor(what * pool) / 10.0::double + 0.05
        ) as chosen_feature,
        -- The day the plans lose it, see catalogue.
        if(
            chosen_feature = 'comments' and event_at >= getvariable('start') + 455,
            'templates', chosen_feature
        ) as feature
    from placed
    inner join levels on placed.level = levels.level
),

deliveries as (
    select *, received_at::date as delivered_on from said
    union all
    select *, received_at::date + 1 from said where draw(event, 'twice') < 0.005
)

select
    delivered_on,
    received_at,
    'evt_' || token(event, 'id', 24) as event_id,
    json_merge_patch('{}', json_object(
        'event_id', event_id,
        'anonymous_id', 'anon_' || token(concat(visitor, device_type), 'device', 20),
        'user_id', if(is_signed_in, user_id, null),
        'event_type', case
            when is_page then 'page'
            when step in ('identify', 'group') then step
            else 'track'
        end,
        'event_name', case
            when step = 'feature' then 'feature_used'
            when step not in ('identify', 'group') then step
        end,
        'event_at', strftime(event_at, '%Y-%m-%dT%H:%M:%SZ'),
        'received_at', strftime(received_at, '%Y-%m-%dT%H:%M:%SZ'),
        'email', if(step = 'identify', email, null),
        'account_id', if(
            is_signed_in and step in ('identify', 'group', 'signed_in'),
            account_id, null
        ),
        'url', if(is_page, case step
            when 'landing' then 'https://www.demo.example/'
            when 'plan' then 'https://www.demo.example/pricing/' || plan
            else 'https://www.demo.example/' || step
        end, null),
        'referrer', if(step = 'landing', origin.r, null),
        'utm_source', if(step = 'landing', origin.s, null),
        'utm_medium', if(step = 'landing', origin.m, null),
        'utm_campaign', if(step = 'landing', origin.c, null),
        'device_type', device_type,
        'os', case device_type
            when 'mobile' then pick(['iOS', 'Android'], draw(visitor, 'mobile'))
            when 'tablet' then 'iPadOS'
            else pick(['Windows', 'Windows', 'macOS', 'Linux'], draw(visitor, 'desk'))
        end,
        'browser', pick(
            ['Chrome', 'Chrome', 'Firefox', 'Safari', 'Edge'], draw(visitor, 'browser')
        ),
        'country', country,
        'region', region,
        'city', city,
        'product_id', if(step in ('plan', 'cart_created'), 'plan_' || plan, null),
        'category', if(step in ('plan', 'cart_created'), 'plan', null),
        'price', if(step in ('plan', 'cart_created'), plan_price, null),
        'search_term', if(
            step = 'search',
            pick(['invoice', 'export to excel', 'api key', 'cancel', 'add user'], what),
            null
        ),
        'feature', if(step = 'feature', feature, null),
        'properties', case
            when step = 'feature' then json_object('screen', feature)
            when step = 'card_declined' then json_object('reason', 'card_declined')
        end,
        'traits', case
            when step = 'identify'
                then json_object('role', role, 'language', language)
            when step = 'group' then json_object('company', company)
        end
    ))::varchar as line
from deliveries
where delivered_on between getvariable('block_from') and getvariable('block_to');
