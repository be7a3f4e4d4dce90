{{ config(group='prepare') }}

with sightings as (
    select * from {{ ref('int_identity__sightings') }}
),

role_mailboxes as (
    select id_value from {{ ref('int_identity__identifiers') }}
    where is_role_mailbox
),

pairs as (
    {% for left, right in [
        ('user_id', 'email_hash'), ('user_id', 'phone_hash'), ('email_hash', 'phone_hash'),
    ] %}
    select
        '{{ left }}' as left_type,
        {{ left }} as left_value,
        '{{ right }}' as right_type,
        {{ right }} as right_value,
        min(first_seen_at) as first_seen_at,
        min(feed) as feed
    from sightings
    where
        {{ left }} is not null
        and {{ right }} is not null
        {% if 'email_hash' in (left, right) %}
        and email_hash not in (select id_value from role_mailboxes)
        {% endif %}
    group by {{ left }}, {{ right }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ends as (
    select left_type as id_type, left_value as id_value, right_type as counted from pairs
    union all
    select right_type, right_value, left_type from pairs
),

-- A mailbox, a phone or a user of too many others belongs to none of them.
shared as (
    select
        ends.id_type,
        ends.id_value
    from ends
    inner join {{ ref('identity_limits') }} as limits
        on ends.id_type = limits.id_type and ends.counted = limits.counted
    group by ends.id_type, ends.id_value, ends.counted, limits.maximum
    having count(*) > limits.maximum
)

select * from pairs
where
    not exists (
        select 1 from shared
        where pairs.left_type = shared.id_type and pairs.left_value = shared.id_value
    )
    and not exists (
        select 1 from shared
        where pairs.right_type = shared.id_type and pairs.right_value = shared.id_value
    )
