with moved as (
    select * from {{ ref('customer_key_changes') }}
),

customers as (
    select * from {{ ref('int_identity__customers') }}
),

-- A key that nobody holds any more went where its oldest identifier went.
merges as (
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
        customer_id as followed
    from customers
    where is_new and customer_id not in (select new_customer_id from splits)
    union all
    select
        {{ tonight() }},
        'merge',
        old_customer_id,
        new_customer_id,
        coalesce(reason, 'their people or accounts are one'),
        new_customer_id
    from merges
    union all
    select
        {{ tonight() }},
        'split',
        old_customer_id,
        new_customer_id,
        coalesce(reason, 'no record names them together any more'),
        new_customer_id
    from splits
    union all
    select changed_on, kind, old_customer_id, new_customer_id, reason, coalesce(current_customer_id, new_customer_id)
    from {{ source('release', 'customer_key_log') }}
)

-- An undone merge gives the old key back: then it is its own again.
select
    {{ tonight() }} as as_of_date,
    changes.changed_on,
    changes.kind,
    changes.old_customer_id,
    changes.new_customer_id,
    changes.reason,
    coalesce(own.customer_id, later.new_customer_id, held.customer_id) as current_customer_id
from changes
left join customers as own
    on own.customer_id = case when changes.kind = 'merge' then changes.old_customer_id else changes.new_customer_id end
left join merges as later on changes.followed = later.old_customer_id
left join customers as held on changes.followed = held.customer_id
