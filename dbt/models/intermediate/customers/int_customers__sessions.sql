-- A session may name its user in one event and its device in another: the user decides.
with users as (
    select * from {{ ref('int_identity__persons') }}
    where id_type = 'user_id'
),

devices as (
    select * from {{ ref('int_identity__visitor_customers') }}
    where user_id is null
)

select
    coalesce(person_customers.customer_id, devices.customer_id) as customer_id,
    coalesce(users.person_id, devices.person_id) as person_id,
    sessions.session_id,
    sessions.started_on,
    sessions.started_at,
    sessions.session_order,
    sessions.channel,
    sessions.source,
    sessions.medium,
    sessions.campaign
from {{ ref('int_web__sessions') }} as sessions
left join users on sessions.user_id = users.id_value
left join {{ ref('int_identity__person_customers') }} as person_customers
    on
        users.person_id = person_customers.person_id
        and sessions.started_on >= person_customers.valid_from
        and sessions.started_on < person_customers.valid_to
left join devices
    on
        sessions.user_id is null
        and sessions.anonymous_id = devices.anonymous_id
        and sessions.started_on >= devices.valid_from
        and sessions.started_on < devices.valid_to
where coalesce(person_customers.customer_id, devices.customer_id) is not null
