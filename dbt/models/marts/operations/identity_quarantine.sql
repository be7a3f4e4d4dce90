with members as (
    select
        quarantined_component as component,
        id_type,
        id_type || ':' || id_value as id
    from {{ source('identity', 'components') }}
    where quarantined_component is not null
),

ends as (
    select left_type || ':' || left_value as id from {{ ref('int_identity__links') }}
    union all
    select right_type || ':' || right_value from {{ ref('int_identity__links') }}
),

-- What most links go through: the likely cause.
hubs as (
    select
        members.component,
        members.id,
        count(*) as links
    from members
    inner join ends on members.id = ends.id
    group by members.component, members.id
    qualify row_number() over (partition by members.component order by count(*) desc, members.id) = 1
)

select
    {{ tonight() }} as as_of_date,
    min(members.id) as component,
    count(*) as identifiers,
    count(*) filter (where members.id_type = 'user_id') as user_ids,
    count(*) filter (where members.id_type = 'email_hash') as email_hashes,
    count(*) filter (where members.id_type = 'phone_hash') as phone_hashes,
    min(hubs.id) as hub,
    min(hubs.links) as hub_links,
    'more identifiers than one person can have' as reason
from members
inner join hubs on members.component = hubs.component
group by members.component
