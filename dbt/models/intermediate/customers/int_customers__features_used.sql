select distinct
    person_customers.customer_id,
    used.used_on,
    used.feature
from {{ ref('int_web__daily_features') }} as used
inner join {{ ref('int_identity__visitor_persons') }} as visitor_persons
    on
        used.anonymous_id is not distinct from visitor_persons.anonymous_id
        and used.user_id is not distinct from visitor_persons.user_id
inner join {{ ref('int_identity__person_customers') }} as person_customers
    on
        visitor_persons.person_id = person_customers.person_id
        and used.used_on >= person_customers.valid_from
        and used.used_on < person_customers.valid_to
