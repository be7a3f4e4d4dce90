with contacts as (
    select * from {{ ref('stg_pii__contacts') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
    where is_identified
),

of_persons as (
    select
        coalesce(by_email.person_id, by_user.person_id, by_phone.person_id) as person_id,
        contacts.email,
        contacts.phone,
        contacts.name,
        case contacts.feed when 'billing_customers' then 2 else 1 end as trust
    from contacts
    left join persons as by_email
        on by_email.id_type = 'email_hash' and contacts.email_hash = by_email.id_value
    left join persons as by_user
        on by_user.id_type = 'user_id' and contacts.user_id = by_user.id_value
    left join persons as by_phone
        on by_phone.id_type = 'phone_hash' and contacts.phone_hash = by_phone.id_value
)

select
    {{ tonight() }} as as_of_date,
    person_id,
    max_by(email, {{ in_order('trust', 'email') }}) filter (where email is not null) as email,
    max_by(phone, {{ in_order('trust', 'phone') }}) filter (where phone is not null) as phone,
    max_by(name, {{ in_order('trust', 'name') }}) filter (where name is not null) as name
from of_persons
where person_id is not null
group by person_id
