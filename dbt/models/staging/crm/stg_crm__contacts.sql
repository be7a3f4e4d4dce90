with latest_version as (
    select
        ----------  ids
        contact_id,
        account_id,
        user_id,
        email_hash,
        phone_hash,

        ----------  text
        job_title,
        seniority,
        language
    from {{ source('raw', 'contacts') }}
    qualify {{ winning_version('contact_id') }}
)

select * from latest_version
