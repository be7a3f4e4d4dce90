-- An answer belongs to the person who gave it, else to the customer it names. An answer
-- that was changed later keeps its row for the days on which nobody knew that.
with answers as (
    {{ versions_of('survey_responses', 'response_id, question_id', business_day('submitted_at')) }}
)

select
    answers.response_id,
    answers.question_id,
    lower(coalesce(answers.question_key, answers.question_id)) as question,
    answers.survey_id,
    answers.survey_kind,
    answers.answer_number,
    answers.answer_text,
    answers.submitted_at,
    answers.known_on as submitted_on,
    answers.known_on,
    answers.superseded_on,
    by_person.person_id,
    coalesce(by_person.customer_id, by_billing.customer_id) as customer_id
from answers
{{ join_customers('answers', 'known_on', billing=true) }}
where
    coalesce(by_person.customer_id, by_billing.customer_id) is not null
    and coalesce(answers.superseded_on > answers.known_on, true)
