{{ config(contract={'enforced': false}) }}

with before as (
    select * from {{ source('release', 'customer_identities') }}
    where customer_id is not null and id_type <> 'anonymous_id'
),

now as (
    select
        *,
        id_type || ':' || id_value as id
    from {{ ref('customer_identities') }}
    where customer_id is not null and id_type <> 'anonymous_id'
),

moved as (
    select
        before.customer_id as old_customer_id,
        now.customer_id as new_customer_id,
        before.person_id as old_person_id,
        now.person_id,
        now.id_type,
        now.id_value,
        now.id,
        now.first_seen_at,
        now.link_rule
    from before
    inner join now on before.id_type = now.id_type and before.id_value = now.id_value
    where before.customer_id <> now.customer_id
),

accounts as (
    select
        customer_id,
        'account_id:' || account_id as account
    from {{ ref('int_identity__customers') }}
    where account_id is not null
),

decided as (
    {% for one, other in [('id_a', 'id_b'), ('id_b', 'id_a')] %}
    select
        {{ one }} as id,
        {{ other }} as other,
        case kind when 'join' then 'merge' else 'split' end as kind,
        kind || ' ' || id_a || ' ' || id_b
        || coalesce(' by ' || who, '') || coalesce(': ' || why, '') as words
    from {{ ref('identity_overrides') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

links as (
    {% for one, other in [('left', 'right'), ('right', 'left')] %}
    select
        {{ one }}_type as id_type,
        {{ one }}_value as id_value,
        {{ other }}_type as other_type,
        {{ other }}_value as other_value,
        feed,
        first_seen_at
    from {{ ref('int_identity__links') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Everything that may have moved an identifier, the surest first; of links the newest to
-- what the old customer did not have.
reasons as (
    select
        moved.old_customer_id,
        moved.new_customer_id,
        decided.kind,
        1 as priority,
        cast(null as timestamp) as linked_at,
        'decided: ' || decided.words as reason
    from moved
    inner join decided on moved.id = decided.id
    inner join now on decided.other = now.id
    where (decided.kind = 'merge') = (now.customer_id = moved.new_customer_id)
    union all
    select
        old_customer_id,
        new_customer_id,
        'split',
        2,
        null,
        'quarantined: its person had too many identifiers to be one'
    from moved
    where link_rule = 'quarantined'
    {% for kind, firm, words in [
        ('merge', 'new_customer_id', 'belongs to'), ('split', 'old_customer_id', 'no longer belongs to'),
    ] %}
    union all
    select
        moved.old_customer_id,
        moved.new_customer_id,
        '{{ kind }}',
        3,
        null,
        moved.id || ' {{ words }} ' || accounts.account
    from moved
    inner join accounts on moved.{{ firm }} = accounts.customer_id
    where moved.id_type = 'billing_customer_id'
    {% endfor %}
    union all
    select
        old_customer_id,
        new_customer_id,
        'merge',
        4,
        null,
        id || ' now acts for a customer who pays'
    from moved
    where old_person_id = person_id
    union all
    select
        moved.old_customer_id,
        moved.new_customer_id,
        'merge',
        5,
        links.first_seen_at,
        moved.id || ' linked with ' || now.id || ' by ' || links.feed
    from moved
    inner join links on moved.id_type = links.id_type and moved.id_value = links.id_value
    inner join now
        on
            links.other_type = now.id_type
            and links.other_value = now.id_value
            and moved.new_customer_id = now.customer_id
    left join before on now.id_type = before.id_type and now.id_value = before.id_value
    where coalesce(before.customer_id <> moved.old_customer_id, true)
),

first_reasons as (
    select * from reasons
    qualify
        row_number() over (
            partition by old_customer_id, new_customer_id, kind
            order by priority asc, linked_at desc nulls last, reason asc
        ) = 1
),

changes as (
    {% for kind in ['merge', 'split'] %}
    select
        '{{ kind }}' as kind,
        old_customer_id,
        new_customer_id,
        min({{ in_order('first_seen_at', 'id') }}) as oldest
    from moved
    group by old_customer_id, new_customer_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    changes.*,
    first_reasons.reason
from changes
left join first_reasons
    on
        changes.kind = first_reasons.kind
        and changes.old_customer_id = first_reasons.old_customer_id
        and changes.new_customer_id = first_reasons.new_customer_id
