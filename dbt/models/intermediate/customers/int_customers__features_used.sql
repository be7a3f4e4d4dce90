select distinct
    visitor_customers.customer_id,
    used.used_on,
    used.feature
from {{ ref('int_web__daily_features') }} as used
inner join {{ ref('int_identity__visitor_customers') }} as visitor_customers
    on {{ visitor_is_customer('used', 'used_on') }}
