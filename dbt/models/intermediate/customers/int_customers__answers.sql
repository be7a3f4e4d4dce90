-- An answer belongs to the person who gave it, else to the customer it names.
with answers as (
    select * from {{ ref('stg_survey__responses') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    answers.response_id,
    answers.question_id,
    answers.survey_kind,
    answers.answer_number,
    answers.submitted_at,
    answers.submitted_on,
    coalesce(by_person.customer_id, by_billing.customer_id) as customer_id
from answers
left join persons as by_user
    on by_user.id_type = 'user_id' and answers.user_id = by_user.id_value
left join persons as by_email
    on by_email.id_type = 'email_hash' and answers.email_hash = by_email.id_value
left join {{ ref('int_identity__person_customers') }} as by_person
    on
        coalesce(by_user.person_id, by_email.person_id) = by_person.person_id
        and answers.submitted_on >= by_person.valid_from
        and answers.submitted_on < by_person.valid_to
left join {{ ref('int_identity__billing_persons') }} as billing_persons
    on answers.billing_customer_id = billing_persons.billing_customer_id
left join {{ ref('int_identity__customers') }} as by_billing
    on billing_persons.unit = by_billing.unit
where coalesce(by_person.customer_id, by_billing.customer_id) is not null
