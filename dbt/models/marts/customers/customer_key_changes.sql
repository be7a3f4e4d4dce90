{{ config(contract={'enforced': false}) }}

with before as (
    select * from {{ source('release', 'customer_identities') }}
    where customer_id is not null and id_type <> 'anonymous_id'
),

now as (
    select * from {{ ref('customer_identities') }}
    where customer_id is not null and id_type <> 'anonymous_id'
),

moved as (
    select
        before.customer_id as old_customer_id,
        now.customer_id as new_customer_id,
        now.id_type,
        now.id_value,
        now.id_type || ':' || now.id_value as id,
        now.first_seen_at,
        now.person_id,
        now.link_rule,
        before.person_id is not distinct from now.person_id as is_same_person
    from before
    inner join now on before.id_type = now.id_type and before.id_value = now.id_value
    where before.customer_id <> now.customer_id
),

accounts as (
    select customer_id, account_id from {{ ref('int_identity__customers') }}
),

decided as (
    {% for one, other in [('id_a', 'id_b'), ('id_b', 'id_a')] %}
    select {{ one }} as id, {{ other }} as other, case kind when 'join' then 'merge' else 'split' end as kind, kind || ' ' || id_a || ' ' || id_b || coalesce(' by ' || who, '') || coalesce(': ' || why, '') as words
    from {{ ref('identity_overrides') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

links as (
    select left_type as id_type, left_value as id_value, right_type || ':' || right_value as other, feed, first_seen_at
    from {{ ref('int_identity__links') }}
    union all
    select right_type, right_value, left_type || ':' || left_value, feed, first_seen_at
    from {{ ref('int_identity__links') }}
),

-- Everything that may have moved an identifier; the first word counts.
reasons as (
    select old_customer_id, new_customer_id, 1 as priority, cast(null as timestamp) as linked_at, decided.kind, 'decided: ' || decided.words as reason
    from moved
    inner join decided on moved.id = decided.id
    inner join now on decided.other = now.id_type || ':' || now.id_value
    where (decided.kind = 'merge') = (now.customer_id = moved.new_customer_id)
    union all
    select old_customer_id, new_customer_id, 2, null, 'split', 'quarantined: its person had too many identifiers to be one'
    from moved
    where link_rule = 'quarantined'
    union all
    select moved.old_customer_id, moved.new_customer_id, 3, null, 'merge', moved.id || ' belongs to account_id:' || accounts.account_id
    from moved
    inner join accounts on moved.new_customer_id = accounts.customer_id
    where moved.id_type = 'billing_customer_id' and accounts.account_id is not null
    union all
    select moved.old_customer_id, moved.new_customer_id, 3, null, 'split', moved.id || ' no longer belongs to account_id:' || accounts.account_id
    from moved
    inner join accounts on moved.old_customer_id = accounts.customer_id
    where moved.id_type = 'billing_customer_id' and accounts.account_id is not null
    union all
    select moved.old_customer_id, moved.new_customer_id, 4, null, 'merge', moved.id || ' now acts for a customer who pays'
    from moved
    where is_same_person
    union all
    -- The newest link to what the old customer did not have.
    select moved.old_customer_id, moved.new_customer_id, 5, links.first_seen_at, 'merge', moved.id || ' linked with ' || links.other || ' by ' || links.feed
    from moved
    inner join links on moved.id_type = links.id_type and moved.id_value = links.id_value
    inner join now on links.other = now.id_type || ':' || now.id_value
    left join before on links.other = before.id_type || ':' || before.id_value
    where now.customer_id = moved.new_customer_id and before.customer_id is distinct from moved.old_customer_id
)

select
    moved.old_customer_id,
    moved.new_customer_id,
    kinds.kind,
    min({{ in_order('moved.first_seen_at', 'moved.id') }}) as oldest,
    first.reason
from moved
cross join (select 'merge' as kind union all select 'split') as kinds
left join (
    select * from reasons
    qualify
        row_number() over (
            partition by old_customer_id, new_customer_id, kind
            order by priority, linked_at desc nulls last, reason
        ) = 1
) as first
    on
        moved.old_customer_id = first.old_customer_id
        and moved.new_customer_id = first.new_customer_id
        and kinds.kind = first.kind
group by moved.old_customer_id, moved.new_customer_id, kinds.kind, first.reason
