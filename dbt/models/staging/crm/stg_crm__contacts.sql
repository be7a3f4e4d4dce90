with latest_version as (
    select
        ----------  ids
        contact_id,
        account_id,
        user_id,
        email_hash,
        phone_hash,

        ----------  times
        min(_version_at) over (partition by contact_id) as known_since,

        ----------  text
        job_title,
        seniority,
        language
    from {{ source('raw', 'contacts') }}
    where _version_at is null or {{ business_day('_version_at') }} <= {{ tonight() }}
    qualify {{ winning_version('contact_id') }}
)

select * from latest_version
