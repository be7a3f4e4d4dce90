with current_customers as (
    select person_id, customer_id from {{ ref('int_identity__person_customers') }}
    where valid_to = {{ end_of_time() }}
),

billing as (
    select
        billing_persons.billing_customer_id,
        billing_persons.account_id,
        billing_persons.person_id,
        billing_persons.created_at,
        customers.customer_id
    from {{ ref('int_identity__billing_persons') }} as billing_persons
    inner join {{ ref('int_identity__customers') }} as customers
        on billing_persons.unit = customers.unit
),

-- Of a device that several share no person is the owner; whose its events are is dated.
shared_devices as (
    select
        sign_ins.anonymous_id,
        min(sign_ins.first_at) as first_seen_at
    from {{ ref('int_identity__sign_ins') }} as sign_ins
    group by sign_ins.anonymous_id
    having count(distinct sign_ins.person_id) > 1
),

identifiers as (
    select
        persons.id_type,
        persons.id_value,
        persons.person_id,
        current_customers.customer_id,
        persons.source,
        persons.first_seen_at,
        persons.link_rule
    from {{ ref('int_identity__persons') }} as persons
    left join current_customers on persons.person_id = current_customers.person_id
    union all
    select
        'anonymous_id',
        anonymous_id,
        cast(null as varchar),
        cast(null as varchar),
        'web',
        first_seen_at,
        'shared_device'
    from shared_devices
    union all
    select
        'billing_customer_id',
        billing_customer_id,
        person_id,
        customer_id,
        'billing',
        created_at,
        'contact_of_billing'
    from billing
    union all
    select
        'account_id',
        account_id,
        cast(null as varchar),
        min(customer_id),
        'billing',
        min(created_at),
        'named_by_billing'
    from billing
    where account_id is not null
    group by account_id
),

decided as (
    {% for id in ['id_a', 'id_b'] %}
    select
        split_part({{ id }}, ':', 1) as id_type,
        substr({{ id }}, position(':' in {{ id }}) + 1) as id_value
    from {{ ref('identity_overrides') }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}
)

select
    {{ tonight() }} as as_of_date,
    {{ all_but('identifiers', ['link_rule']) }},
    case when decided.id_value is null then identifiers.link_rule else 'decided' end as link_rule
from identifiers
left join decided
    on identifiers.id_type = decided.id_type and identifiers.id_value = decided.id_value
