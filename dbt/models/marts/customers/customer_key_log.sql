with moved as (
    select * from {{ ref('customer_key_changes') }}
),

customers as (
    select * from {{ ref('int_identity__customers') }}
),

-- A key that nobody holds any more went where its oldest identifier went.
merged as (
    select moved.* from moved
    left join customers on moved.old_customer_id = customers.customer_id
    where moved.kind = 'merge' and customers.customer_id is null
    qualify
        row_number() over (
            partition by moved.old_customer_id order by moved.oldest, moved.new_customer_id
        ) = 1
),

splits as (
    select moved.* from moved
    inner join customers as kept on moved.old_customer_id = kept.customer_id
    inner join customers as made on moved.new_customer_id = made.customer_id
    where moved.kind = 'split' and made.is_new
),

changes as (
    select
        {{ tonight() }} as changed_on,
        'new' as kind,
        cast(null as varchar) as old_customer_id,
        customer_id as new_customer_id,
        'first identifier seen' as reason,
        customer_id as followed_id
    from customers
    where is_new and customer_id not in (select new_customer_id from splits)
    union all
    select
        {{ tonight() }},
        'merge',
        old_customer_id,
        new_customer_id,
        coalesce(reason, 'their people or accounts are one'),
        new_customer_id as followed_id
    from merged
    union all
    select
        {{ tonight() }},
        'split',
        old_customer_id,
        new_customer_id,
        coalesce(reason, 'no record names them together any more'),
        new_customer_id as followed_id
    from splits
    union all
    select
        changed_on,
        kind,
        old_customer_id,
        new_customer_id,
        reason,
        coalesce(current_customer_id, new_customer_id)
    from {{ source('release', 'customer_key_log') }}
),

named as (
    select
        *,
        case kind when 'merge' then old_customer_id else new_customer_id end as named_id
    from changes
)

-- An undone merge gives the old key back: then it is its own again.
select
    {{ tonight() }} as as_of_date,
    named.changed_on,
    named.kind,
    named.old_customer_id,
    named.new_customer_id,
    named.reason,
    coalesce(customers.customer_id, merged.new_customer_id, followed.customer_id) as current_customer_id
from named
left join customers on named.named_id = customers.customer_id
left join merged on named.followed_id = merged.old_customer_id
left join customers as followed on named.followed_id = followed.customer_id
