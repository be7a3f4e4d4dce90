-- A change names a person by each of its identifiers; who is named by none that is known
-- has no row.
with changes as (
    select * from {{ ref('stg_consents__changes') }}
    where {{ business_day('changed_at') }} <= {{ tonight() }}
),

naming as (
    {% for column in ['user_id', 'email_hash', 'phone_hash'] %}
    select '{{ column }}' as id_type, {{ column }} as id_value, purpose, channel, status, changed_at, source
    from changes
    where {{ column }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

of_persons as (
    select
        persons.person_id,
        naming.purpose,
        naming.channel,
        naming.status,
        naming.changed_at,
        naming.source
    from naming
    inner join {{ ref('int_identity__named_persons') }} as persons
        on naming.id_type = persons.id_type and naming.id_value = persons.id_value
)

-- Of two changes of one moment the one that forbids counts.
select
    person_id,
    purpose,
    channel,
    status,
    changed_at as since,
    source
from of_persons
qualify
    row_number() over (
        partition by person_id, purpose, channel
        order by
            changed_at desc,
            case when status = 'granted' then 1 else 0 end,
            status,
            source nulls last
    ) = 1
