with contacts as (
    select
        *,
        case feed when 'billing_customers' then 3 when 'contacts' then 2 else 1 end as trust
    from {{ ref('stg_pii__contacts') }}
),

persons as (
    select * from {{ ref('int_identity__named_persons') }}
),

-- An address is its person's, whoever else the record names; a name is the user's.
of_persons as (
    select
        by_email.person_id,
        contacts.email,
        cast(null as varchar) as phone,
        cast(null as varchar) as name,
        contacts.trust + 10 as trust
    from contacts
    inner join persons as by_email
        on by_email.id_type = 'email_hash' and contacts.email_hash = by_email.id_value
    union all
    select
        by_phone.person_id,
        null,
        contacts.phone,
        null,
        contacts.trust + 10
    from contacts
    inner join persons as by_phone
        on by_phone.id_type = 'phone_hash' and contacts.phone_hash = by_phone.id_value
    union all
    select
        coalesce(by_user.person_id, by_email.person_id, by_phone.person_id),
        contacts.email,
        contacts.phone,
        contacts.name,
        contacts.trust
    from contacts
    {% for name, id in [('user', 'user_id'), ('email', 'email_hash'), ('phone', 'phone_hash')] %}
    left join persons as by_{{ name }}
        on by_{{ name }}.id_type = '{{ id }}' and contacts.{{ id }} = by_{{ name }}.id_value
    {% endfor %}
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
