with failed as (
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
)

select
    spine.customer_id,
    spine.as_of_date,
    {{ known_zero('failed.payments_failed_90d', 'payments_are_known') }} as payments_failed_90d
from {{ ref('customer_spine') }} as spine
left join failed
    on spine.customer_id = failed.customer_id and spine.as_of_date = failed.as_of_date
