select
    payments.customer_id,
    as_of_dates.as_of_date,
    count(*) filter (
        where
            payments.status = 'failed'
            and payments.paid_on > {{ days_before('as_of_dates.as_of_date', 90) }}
    ) as payments_failed_90d
from {{ ref('int_customers__payments') }} as payments
inner join {{ source('night', 'as_of_dates') }} as as_of_dates
    on payments.paid_on <= as_of_dates.as_of_date
group by payments.customer_id, as_of_dates.as_of_date
