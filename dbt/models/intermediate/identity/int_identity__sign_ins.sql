with links as (
    select
        anonymous_id,
        linked_on,
        user_id,
        email_hash,
        phone_hash,
        min(first_seen_at) as first_at,
        max(last_seen_at) as last_at
    from {{ ref('int_web__links') }}
    where
        anonymous_id is not null
        and coalesce(user_id, email_hash, phone_hash) is not null
        and lower(trim(anonymous_id)) not in (
            select id_value from {{ ref('identity_blocked_values') }}
            where id_type = 'anonymous_id'
        )
    group by anonymous_id, linked_on, user_id, email_hash, phone_hash
),

persons as (
    select * from {{ ref('int_identity__named_persons') }}
    where not is_role_mailbox
),

overrides as (
    {% for device, other in [('id_a', 'id_b'), ('id_b', 'id_a')] %}
    select
        overrides.kind,
        substr(overrides.{{ device }}, length('anonymous_id:') + 1) as anonymous_id,
        persons.person_id
    from {{ ref('identity_overrides') }} as overrides
    inner join persons on overrides.{{ other }} = persons.id_type || ':' || persons.id_value
    where overrides.{{ device }} like 'anonymous_id:%'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

seen as (
    select
        links.anonymous_id,
        coalesce(by_user.person_id, by_email.person_id, by_phone.person_id) as person_id,
        links.linked_on,
        links.first_at,
        links.last_at
    from links
    {% for name, id in [('user', 'user_id'), ('email', 'email_hash'), ('phone', 'phone_hash')] %}
    left join persons as by_{{ name }}
        on by_{{ name }}.id_type = '{{ id }}' and links.{{ id }} = by_{{ name }}.id_value
    {% endfor %}
    union all
    select
        overrides.anonymous_id,
        overrides.person_id,
        {{ business_day('devices.first_seen_at') }},
        devices.first_seen_at,
        devices.last_seen_at
    from overrides
    inner join {{ ref('int_identity__identifiers') }} as devices
        on devices.id_type = 'anonymous_id' and overrides.anonymous_id = devices.id_value
    where overrides.kind = 'join'
),

decided as (
    select
        overrides.anonymous_id,
        min(overrides.person_id) filter (where overrides.kind = 'join') as person_id
    from overrides
    group by overrides.anonymous_id
)

-- What somebody decided about a device outweighs what was seen on it.
select
    seen.anonymous_id,
    seen.person_id,
    seen.linked_on as signed_in_on,
    min(seen.first_at) as first_at,
    max(seen.last_at) as last_at
from seen
left join decided on seen.anonymous_id = decided.anonymous_id
left join overrides as cuts
    on
        cuts.kind = 'cut'
        and seen.anonymous_id = cuts.anonymous_id
        and seen.person_id = cuts.person_id
where
    seen.person_id is not null
    and cuts.person_id is null
    and seen.person_id = coalesce(decided.person_id, seen.person_id)
group by seen.anonymous_id, seen.person_id, seen.linked_on
