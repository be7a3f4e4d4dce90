-- What a question is about is data: the seed question_mapping. An answer that makes no
-- sense there is none; one that will not say is an answer without a value.
with mapping as (
    select * from {{ ref('question_mapping') }}
    where is_enabled and (not is_sensitive or trim(purpose) <> '')
),

answers as (
    select
        *,
        {{ as_word('answer_text') }} as said,
        coalesce(answer_number, {{ as_number('trim(answer_text)') }}) as number_said
    from {{ ref('int_customers__answers') }}
),

meant as (
    select
        answers.*,
        mapping.trait,
        mapping.value_type,
        mapping.is_sensitive,
        mapping.purpose,
        mapping.is_reversed,
        mapping.scale_min,
        mapping.scale_max,
        refusals.said is not null as is_refused,
        case
            when refusals.said is not null then null
            when mapping.value_type = 'text' then answers.said
            when mapping.value_type = 'word' then coalesce(texts.word, ranges.word, others.word)
        end as word,
        case
            when mapping.value_type in ('item', 'number')
                then coalesce({{ as_number('texts.word') }}, answers.number_said)
        end as number
    from answers
    inner join mapping
        on
            answers.question = mapping.question
            and coalesce(answers.survey_kind = mapping.survey_kind, mapping.survey_kind is null)
    left join {{ ref('word_lists') }} as refusals
        on refusals.list = 'no_answer' and answers.said = refusals.said
    left join {{ ref('word_lists') }} as texts
        on mapping.list = texts.list and answers.said = texts.said
    left join {{ ref('word_lists') }} as ranges
        on
            mapping.list = ranges.list
            and answers.number_said between ranges.number_from and ranges.number_to
    left join {{ ref('word_lists') }} as others
        on mapping.list = others.list and others.said = '*' and answers.said <> ''
)

select
    customer_id,
    coalesce(person_id, customer_id) as who,
    response_id,
    question_id,
    question,
    submitted_at,
    known_on,
    superseded_on,
    trait,
    value_type,
    is_sensitive,
    purpose,
    word,
    case when is_reversed then scale_min + scale_max - number else number end as number
from meant
where is_refused or word <> '' or number between scale_min and scale_max
