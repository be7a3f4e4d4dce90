{{ config(materialized='view') }}

select
    visitor_customers.customer_id,
    visitor_customers.person_id,
    {{ all_but('activity', ['anonymous_id', 'user_id']) }}
from {{ ref('int_web__daily_activity') }} as activity
inner join {{ ref('int_identity__visitor_customers') }} as visitor_customers
    on {{ visitor_is_customer('activity', 'activity_on') }}
