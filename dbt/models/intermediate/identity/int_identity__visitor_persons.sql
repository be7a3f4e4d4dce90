-- A user id says who it is; an anonymous id only when nobody was signed in.
with pairs as (
    select distinct anonymous_id, user_id
    from {{ ref('int_web__links') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    pairs.anonymous_id,
    pairs.user_id,
    coalesce(users.person_id, devices.person_id) as person_id
from pairs
left join persons as users
    on users.id_type = 'user_id' and pairs.user_id = users.id_value
left join persons as devices
    on
        devices.id_type = 'anonymous_id'
        and pairs.anonymous_id = devices.id_value
        and pairs.user_id is null
where coalesce(users.person_id, devices.person_id) is not null
