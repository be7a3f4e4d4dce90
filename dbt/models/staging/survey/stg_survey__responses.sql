with answers as (
    select
        *,
        {{ business_day('submitted_at') }} as submitted_on
    from {{ source('raw', 'survey_responses') }}
),

-- A version that was written after tonight is not known tonight.
up_to_tonight as (
    select * from answers
    where submitted_on <= {{ tonight() }}
),

latest_version as (
    select
        ----------  ids
        response_id,
        question_id,
        survey_id,
        user_id,
        email_hash,
        billing_customer_id,

        ----------  times
        submitted_at,
        submitted_on,

        ----------  answer
        survey_kind,
        question_key,
        answer_number,
        answer_text
    from up_to_tonight
    qualify {{ winning_version('response_id, question_id') }}
)

select * from latest_version
