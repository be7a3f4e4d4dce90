-- For whom a visitor counts on a day: half-open, never two at once.
with pieces as (
    select
        visitor_persons.anonymous_id,
        visitor_persons.user_id,
        visitor_persons.person_id,
        person_customers.customer_id,
        greatest(visitor_persons.valid_from, person_customers.valid_from) as valid_from,
        least(visitor_persons.valid_to, person_customers.valid_to) as valid_to
    from {{ ref('int_identity__visitor_persons') }} as visitor_persons
    inner join {{ ref('int_identity__person_customers') }} as person_customers
        on visitor_persons.person_id = person_customers.person_id
)

select * from pieces
where valid_from < valid_to
