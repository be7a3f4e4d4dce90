with tickets as (
    select
        *,
        {{ business_day('opened_at') }} as opened_on,
        {{ business_day('closed_at') }} as closed_on
    from {{ source('raw', 'tickets') }}
),

-- A version that was written after tonight is not known tonight.
up_to_tonight as (
    select
        *,
        coalesce(closed_on > {{ tonight() }}, false) as is_closed_later
    from tickets
    where
        opened_on <= {{ tonight() }}
        and (_version_at is null or {{ business_day('_version_at') }} <= {{ tonight() }})
),

latest_version as (
    select
        ----------  ids
        ticket_id,
        user_id,
        email_hash,
        billing_customer_id,

        ----------  times
        opened_at,
        opened_on,
        case when not is_closed_later then closed_at end as closed_at,
        case when not is_closed_later then closed_on end as closed_on,

        ----------  what is asked
        type,
        channel,
        priority,
        region,
        subject,
        body,

        ----------  how it stands
        case when is_closed_later then 'open' else status end as status,
        sentiment,
        case when not is_closed_later then csat end as csat,
        case when not is_closed_later then handle_minutes end as handle_minutes
    from up_to_tonight
    qualify {{ winning_version('ticket_id') }}
)

select * from latest_version
