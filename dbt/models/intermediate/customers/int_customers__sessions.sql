{{ config(materialized='view') }}

-- A session names its visitor as its last event with a user did: the user decides.
select
    visitor_customers.customer_id,
    visitor_customers.person_id,
    sessions.session_id,
    sessions.started_on,
    sessions.started_at,
    sessions.session_order,
    sessions.channel,
    sessions.source,
    sessions.medium,
    sessions.campaign
from {{ ref('int_web__sessions') }} as sessions
inner join {{ ref('int_identity__visitor_customers') }} as visitor_customers
    on {{ visitor_is_customer('sessions', 'started_on') }}
