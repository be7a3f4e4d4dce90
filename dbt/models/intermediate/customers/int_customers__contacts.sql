with contacts as (
    {{ versions_of('contacts', 'contact_id', version_day('_version_at')) }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    contacts.contact_id,
    contacts.known_on,
    contacts.superseded_on,
    contacts.account_id,
    coalesce(by_user.person_id, by_email.person_id, by_phone.person_id) as person_id,
    contacts.job_title,
    {{ word_or_other('seniorities', 'contacts.seniority') }} as seniority,
    coalesce(
        languages.word, lower(split_part({{ as_word('contacts.language') }}, '_', 1))
    ) as language
from contacts
left join persons as by_user
    on by_user.id_type = 'user_id' and contacts.user_id = by_user.id_value
left join persons as by_email
    on by_email.id_type = 'email_hash' and contacts.email_hash = by_email.id_value
left join persons as by_phone
    on by_phone.id_type = 'phone_hash' and contacts.phone_hash = by_phone.id_value
{{ join_word('seniorities', 'seniority', 'contacts.seniority') }}
{{ join_word('languages', 'language', 'contacts.language') }}
where coalesce(contacts.superseded_on > contacts.known_on, true)
