select
    person_units.person_id,
    customers.customer_id,
    person_units.valid_from,
    person_units.valid_to
from {{ ref('int_identity__person_units') }} as person_units
inner join {{ ref('int_identity__customers') }} as customers
    on person_units.unit = customers.unit
