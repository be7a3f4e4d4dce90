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

-- An event that is delivered several times counts once.
repetitions as (
    select _id_hash, _received, _line from {{ source('night', 'repeated_events') }}
    where not counts
),

counted as (
    select events.* from up_to_tonight as events
    left join repetitions
        on
            events._id_hash = repetitions._id_hash
            and events._received = repetitions._received
            and events._line = repetitions._line
    where repetitions._line is null
),

renamed as (
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
        feature,

        ----------  origin
        _file_id
    from counted
)

select * from renamed
