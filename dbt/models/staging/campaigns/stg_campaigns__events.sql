with events as (
    select
        *,
        {{ business_day('event_at') }} as event_on
    from {{ source('raw', 'campaign_events') }}
),

up_to_tonight as (
    select * from events
    where event_on <= {{ tonight() }}
),

latest_version as (
    select
        ----------  ids
        event_id,
        campaign_id,
        user_id,
        email_hash,

        ----------  times
        event_at,
        event_on,

        ----------  what happened
        channel,
        event_type,
        pipeline_amount,
        cost,
        reason
    from up_to_tonight
    qualify {{ winning_version('event_id') }}
)

select * from latest_version
