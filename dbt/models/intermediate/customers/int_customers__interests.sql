select
    visitor_customers.customer_id,
    interests.interest_on,
    interests.kind,
    interests.interest,
    cast(sum(interests.times) as bigint) as times
from {{ ref('int_web__daily_interests') }} as interests
inner join {{ ref('int_identity__visitor_customers') }} as visitor_customers
    on {{ visitor_is_customer('interests', 'interest_on') }}
group by
    visitor_customers.customer_id, interests.interest_on, interests.kind, interests.interest
