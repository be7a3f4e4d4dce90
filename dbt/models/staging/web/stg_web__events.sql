with events as (
    select
        *,
        {{ business_day('event_at') }} as event_on
    from {{ source('raw', 'web_events') }}
),

up_to_tonight as (
    select * from events
    where event_on <= {{ tonight() }}
),

-- Ids that count on another day.
on_their_first_day as (
    select up_to_tonight.* from up_to_tonight
    left join {{ source('night', 'repeated_events') }} as repeated
        on
            up_to_tonight.event_id = repeated.event_id
            and up_to_tonight.event_on = repeated.event_on
    where repeated.event_id is null
),

-- The first delivery of an id wins. The date is part of the window so that a reader of
-- one date does not sort all of them.
first_delivery as (
    select
        ----------  ids
        event_id,
        _id_hash as event_number,
        coalesce(anonymous_id, user_id) as visitor_id,
        anonymous_id,
        user_id,
        account_id,
        email_hash,
        phone_hash,
        session_id,
        product_id,
        category,

        ----------  times
        event_at,
        event_on,

        ----------  text
        event_type,
        event_name,
        url,
        referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        device_type,
        os,
        browser,
        country,
        region,
        search_term,
        feature
    from on_their_first_day
    qualify
        row_number() over (
            partition by event_on, event_id
            order by received_at nulls last, _file_id, _line
        ) = 1
)

select * from first_delivery
