with billing_persons as (
    select * from {{ ref('int_identity__billing_persons') }}
),

paying_accounts as (
    select distinct account_id from billing_persons
    where account_id is not null
),

contacts as (
    select
        coalesce(by_user.person_id, by_email.person_id, by_phone.person_id) as person_id,
        contacts.account_id,
        coalesce(contacts.changed_on, {{ beginning_of_time() }}) as seen_on,
        contacts.changed_at
    from {{ ref('stg_crm__contact_accounts') }} as contacts
    {% for name, id in [('user', 'user_id'), ('email', 'email_hash'), ('phone', 'phone_hash')] %}
    left join {{ ref('int_identity__named_persons') }} as by_{{ name }}
        on by_{{ name }}.id_type = '{{ id }}' and contacts.{{ id }} = by_{{ name }}.id_value
    {% endfor %}
),

account_sightings as (
    select
        visitor_persons.person_id,
        links.account_id,
        links.linked_on as seen_on,
        links.last_seen_at
    from {{ ref('int_web__links') }} as links
    inner join {{ ref('int_identity__visitor_persons') }} as visitor_persons
        on
            links.anonymous_id is not distinct from visitor_persons.anonymous_id
            and links.user_id is not distinct from visitor_persons.user_id
            and links.linked_on >= visitor_persons.valid_from
            and links.linked_on < visitor_persons.valid_to
    where links.account_id is not null
    union all
    select person_id, account_id, seen_on, changed_at from contacts
    where person_id is not null
    union all
    select person_id, account_id, created_on, created_at from billing_persons
    where person_id is not null and account_id is not null
),

-- A prospect pays with nobody yet: an account that does not pay is no customer.
sightings as (
    select
        account_sightings.person_id,
        account_sightings.seen_on,
        account_sightings.last_seen_at as seen_at,
        case
            when paying_accounts.account_id is not null then 'account|' || account_sightings.account_id
            else 'person|' || account_sightings.person_id
        end as unit
    from account_sightings
    left join paying_accounts on account_sightings.account_id = paying_accounts.account_id
    union all
    select person_id, created_on, created_at, unit from billing_persons
    where person_id is not null and account_id is null
    union all
    select distinct person_id, {{ beginning_of_time() }}, cast(null as timestamp), 'person|' || person_id
    from {{ ref('int_identity__named_persons') }}
    where person_id not in (
        select person_id from account_sightings
        union
        select person_id from billing_persons where person_id is not null
    )
),

latest_of_day as (
    select * from sightings
    qualify
        row_number() over (
            partition by person_id, seen_on order by seen_at desc nulls last, unit
        ) = 1
),

moves as (
    select * from latest_of_day
    qualify unit is distinct from lag(unit) over (partition by person_id order by seen_on)
)

-- What a person did before the first sighting counts for the first unit.
select
    person_id,
    unit,
    case
        when row_number() over in_time = 1 then {{ beginning_of_time() }}
        else seen_on
    end as valid_from,
    coalesce(lead(seen_on) over in_time, {{ end_of_time() }}) as valid_to
from moves
window in_time as (partition by person_id order by seen_on)
