with people as (
    select * from {{ ref('int_identity__person_customers') }}
    where valid_to = {{ end_of_time() }}
),

billing_contacts as (
    select distinct customers.customer_id, billing_persons.person_id
    from {{ ref('int_identity__billing_persons') }} as billing_persons
    inner join {{ ref('int_identity__customers') }} as customers
        on billing_persons.unit = customers.unit
    where billing_persons.person_id is not null
),

persons as (
    select
        person_id,
        max(last_seen_at) as last_seen_at,
        min(case when link_rule = 'role_mailbox' then 1 else 0 end) = 1 as is_role_mailbox,
        max(case when id_type = 'email_hash' then 1 else 0 end) = 1 as has_email,
        max(case when id_type = 'user_id' then 1 else 0 end) = 1 as has_user,
        max(case when id_type = 'phone_hash' then 1 else 0 end) = 1 as has_phone
    from {{ ref('int_identity__persons') }}
    group by person_id
),

-- A word that is not in the list is less than every word that is.
contacts as (
    select
        coalesce(by_user.person_id, by_email.person_id, by_phone.person_id) as person_id,
        lower(trim(contacts.seniority)) as seniority,
        coalesce(ranks.seniority_rank, 1000) as seniority_rank,
        contacts.contact_id
    from {{ ref('stg_crm__contacts') }} as contacts
    {% for name, id in [('user', 'user_id'), ('email', 'email_hash'), ('phone', 'phone_hash')] %}
    left join {{ ref('int_identity__named_persons') }} as by_{{ name }}
        on by_{{ name }}.id_type = '{{ id }}' and contacts.{{ id }} = by_{{ name }}.id_value
    {% endfor %}
    left join {{ ref('identity_seniority') }} as ranks
        on lower(trim(contacts.seniority)) = ranks.seniority
),

seniority as (
    select person_id, seniority, seniority_rank from contacts
    where person_id is not null and seniority is not null
    qualify row_number() over (partition by person_id order by seniority_rank, contact_id) = 1
)

-- The billing contact, else the most senior contact, else who was here last. A mailbox
-- that a role reads stands for a customer only when nobody else does.
select
    people.customer_id,
    people.person_id,
    persons.last_seen_at,
    seniority.seniority,
    nullif(concat_ws(
        ',',
        case when persons.has_email then 'email' end,
        case when persons.has_user then 'in_app' end,
        case when persons.has_phone then 'phone' end
    ), '') as channels,
    billing_contacts.person_id is not null as is_billing_contact,
    row_number() over (
        partition by people.customer_id
        order by
            persons.is_role_mailbox,
            (billing_contacts.person_id is not null) desc,
            coalesce(seniority.seniority_rank, 1001),
            persons.last_seen_at desc nulls last,
            people.person_id
    ) = 1 as is_primary
from people
inner join persons on people.person_id = persons.person_id
left join billing_contacts
    on
        people.customer_id = billing_contacts.customer_id
        and people.person_id = billing_contacts.person_id
left join seniority on people.person_id = seniority.person_id
