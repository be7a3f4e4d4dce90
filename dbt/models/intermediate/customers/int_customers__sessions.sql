with persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    person_customers.customer_id,
    sessions.session_id,
    sessions.started_on,
    sessions.started_at
from {{ ref('int_web__sessions') }} as sessions
left join persons as users
    on users.id_type = 'user_id' and sessions.user_id = users.id_value
left join persons as devices
    on
        devices.id_type = 'anonymous_id'
        and sessions.anonymous_id = devices.id_value
        and sessions.user_id is null
inner join {{ ref('int_identity__person_customers') }} as person_customers
    on
        coalesce(users.person_id, devices.person_id) = person_customers.person_id
        and sessions.started_on >= person_customers.valid_from
        and sessions.started_on < person_customers.valid_to
