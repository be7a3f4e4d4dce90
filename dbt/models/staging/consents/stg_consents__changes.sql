with changes as (
    select
        *,
        {{ business_day('changed_at') }} as changed_on
    from {{ source('raw', 'consents') }}
),

up_to_tonight as (
    select * from changes
    where changed_on <= {{ tonight() }}
),

-- Every change stays: what is in force at a date follows from all of them.
latest_version as (
    select
        ----------  whose
        user_id,
        email_hash,
        phone_hash,

        ----------  what for
        purpose,
        channel,

        ----------  change
        status,
        changed_at,
        changed_on,
        source
    from up_to_tonight
    qualify {{ winning_version('email_hash, phone_hash, user_id, purpose, channel, changed_at') }}
)

select * from latest_version
