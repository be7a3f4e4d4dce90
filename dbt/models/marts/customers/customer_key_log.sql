with moved as (
    select
        before.customer_id as old_customer_id,
        now.customer_id as new_customer_id,
        min({{ in_order('now.first_seen_at', "now.id_type || '|' || now.id_value") }}) as oldest
    from {{ source('release', 'customer_identities') }} as before
    inner join {{ ref('customer_identities') }} as now
        on before.id_type = now.id_type and before.id_value = now.id_value
    where before.customer_id <> now.customer_id
    group by before.customer_id, now.customer_id
),

customers as (
    select * from {{ ref('int_identity__customers') }}
),

-- A key that nobody holds any more went where its oldest identifier went.
merges as (
    select moved.* from moved
    left join customers on moved.old_customer_id = customers.customer_id
    where customers.customer_id is null
    qualify
        row_number() over (
            partition by moved.old_customer_id order by moved.oldest, moved.new_customer_id
        ) = 1
),

splits as (
    select moved.* from moved
    inner join customers as kept on moved.old_customer_id = kept.customer_id
    inner join customers as made on moved.new_customer_id = made.customer_id
    where made.is_new
),

tonight as (
    select 'new' as kind, cast(null as varchar) as old_customer_id, customer_id as new_customer_id, 'first identifier seen' as reason
    from customers
    where is_new and customer_id not in (select new_customer_id from splits)
    union all
    select 'merge', old_customer_id, new_customer_id, 'their people or accounts are one' from merges
    union all
    select 'split', old_customer_id, new_customer_id, 'their people or accounts are no longer one' from splits
)

select
    {{ tonight() }} as as_of_date,
    {{ tonight() }} as changed_on,
    *
from tonight
union all
select
    {{ tonight() }},
    changed_on,
    kind,
    old_customer_id,
    new_customer_id,
    reason
from {{ source('release', 'customer_key_log') }}
