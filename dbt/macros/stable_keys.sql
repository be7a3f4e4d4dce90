{# CTEs that give every unit a key that stays the same from night to night.

   Expects two CTEs before it: members (unit, id_type, id_value, first_seen_at) and
   previous (id_type, id_value, key). A key goes to the unit that holds its oldest
   member; of several keys a unit keeps that of its oldest member, the others are merged
   into it. A billing customer or an account outweighs people, however old: a firm keeps
   its key when somebody joins who was known before it. A unit without a key gets a new
   one, made from its oldest member; so an undone merge gives the old key back.
   Leaves keys (unit, key, is_new). #}
{% macro stable_keys(prefix) %}
claims as (
    select
        members.unit,
        previous.key,
        max(case when members.id_type in ('billing_customer_id', 'account_id') then 1 else 0 end) as pays,
        min({{ in_order('members.first_seen_at', "members.id_type || '|' || members.id_value") }}) as oldest
    from members
    inner join previous
        on members.id_type = previous.id_type and members.id_value = previous.id_value
    group by members.unit, previous.key
),

held_keys as (
    select * from claims
    qualify row_number() over (partition by key order by pays desc, oldest, unit) = 1
),

kept_keys as (
    select unit, key from held_keys
    qualify row_number() over (partition by unit order by pays desc, oldest, key) = 1
),

oldest_members as (
    select
        unit,
        id_type || '|' || id_value as oldest_member
    from members
    qualify
        row_number() over (
            partition by unit order by first_seen_at nulls last, id_type, id_value
        ) = 1
),

fresh_keys as (
    select
        oldest_members.unit,
        {{ stable_key(prefix, 'oldest_members.oldest_member') }} as key,
        {{ stable_key(prefix, "oldest_members.oldest_member || '|split|' || cast(" ~ tonight() ~ " as varchar)") }} as key_after_a_split
    from oldest_members
    left join kept_keys on oldest_members.unit = kept_keys.unit
    where kept_keys.unit is null
),

keys as (
    select unit, key, false as is_new from kept_keys
    union all
    select
        fresh_keys.unit,
        case
            when fresh_keys.key in (select key from previous) then fresh_keys.key_after_a_split
            else fresh_keys.key
        end as key,
        true as is_new
    from fresh_keys
)
{% endmacro %}
