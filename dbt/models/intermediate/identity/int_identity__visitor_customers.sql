-- For whom a visitor counts on a day: half-open, without gaps of its own.
select
    visitor_persons.anonymous_id,
    visitor_persons.user_id,
    visitor_persons.person_id,
    person_customers.customer_id,
    person_customers.valid_from,
    person_customers.valid_to
from {{ ref('int_identity__visitor_persons') }} as visitor_persons
inner join {{ ref('int_identity__person_customers') }} as person_customers
    on visitor_persons.person_id = person_customers.person_id
