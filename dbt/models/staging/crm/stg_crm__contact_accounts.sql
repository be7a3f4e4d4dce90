with contacts as (
    select
        *,
        {{ business_day('_version_at') }} as changed_on
    from {{ source('raw', 'contacts') }}
),

-- A version that was written after tonight is not known tonight.
up_to_tonight as (
    select * from contacts
    where account_id is not null and (changed_on is null or changed_on <= {{ tonight() }})
),

latest_of_day as (
    select
        ----------  ids
        contact_id,
        account_id,
        user_id,
        email_hash,
        phone_hash,

        ----------  times
        _version_at as changed_at,
        changed_on
    from up_to_tonight
    qualify {{ winning_version('contact_id, changed_on') }}
)

select * from latest_of_day
