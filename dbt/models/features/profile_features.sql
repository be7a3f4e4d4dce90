{% set words = [
    'age_band', 'gender', 'marital_status', 'education', 'occupation', 'income_band', 'language',
] %}

-- Who the primary person is: what he or she said, else what the CRM knows.
with stated as (
    select
        customer_id,
        as_of_date,
        {% for trait in words %}
        max(word) filter (where trait = '{{ trait }}') as {{ trait }},
        {% endfor %}
        cast(max(number) filter (where trait = 'family_size') as integer) as family_size
    from {{ ref('stated_traits') }}
    where not is_sensitive
    group by customer_id, as_of_date
),

contacts as (
    select
        as_of_dates.as_of_date,
        contacts.*,
        case contacts.seniority
            when 'owner' then 1 when 'c_level' then 2 when 'vp' then 3 when 'director' then 4
            when 'manager' then 5 when 'staff' then 6 else 7
        end as rank
    from {{ ref('int_customers__contacts') }} as contacts
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on {{ is_known('contacts', 'as_of_dates.as_of_date') }}
),

of_persons as (
    select * from contacts
    where person_id is not null
    qualify
        row_number() over (
            partition by as_of_date, person_id order by known_on desc, contact_id desc
        ) = 1
),

of_accounts as (
    select account_id, as_of_date, min(rank) as rank
    from contacts
    where account_id is not null and seniority is not null
    group by account_id, as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    {% for trait in words if trait != 'language' %}
    stated.{{ trait }},
    {% endfor %}
    stated.family_size,
    case
        when stated.occupation = 'retired' then 'retired'
        when stated.occupation = 'student' then 'student'
        when stated.family_size >= 3 then 'family'
        when stated.marital_status in ('married', 'partnered') then 'couple'
        when stated.marital_status in ('separated', 'divorced') then 'divorced'
        when stated.marital_status in ('widowed', 'single') then stated.marital_status
    end as life_stage,
    coalesce(stated.language, of_persons.language) as language,
    of_persons.job_title,
    of_persons.seniority,
    case of_accounts.rank
        when 1 then 'owner' when 2 then 'c_level' when 3 then 'vp' when 4 then 'director'
        when 5 then 'manager' when 6 then 'staff' when 7 then 'other'
    end as highest_seniority,
    of_persons.account_id as contact_account_id
from {{ ref('customer_spine') }} as spine
left join stated
    on spine.customer_id = stated.customer_id and spine.as_of_date = stated.as_of_date
left join of_persons
    on spine.primary_person_id = of_persons.person_id and spine.as_of_date = of_persons.as_of_date
left join of_accounts
    on
        coalesce(spine.account_id, of_persons.account_id) = of_accounts.account_id
        and spine.as_of_date = of_accounts.as_of_date
