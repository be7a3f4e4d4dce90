{{ config(
    severity='warn',
    description='A decision about an identifier that nobody knows has no effect: correct it or wait.',
) }}

{% for id in ['id_a', 'id_b'] %}
select overrides.kind, overrides.{{ id }} as id
from {{ ref('identity_overrides') }} as overrides
left join {{ ref('int_identity__identifiers') }} as identifiers
    on overrides.{{ id }} = identifiers.id_type || ':' || identifiers.id_value
where identifiers.id_value is null
{% if not loop.last %}union all{% endif %}
{% endfor %}
