select
    customers.customer_id,
    payments.payment_id,
    payments.paid_on,
    payments.status
from {{ ref('stg_billing__payments') }} as payments
inner join {{ ref('int_identity__billing_persons') }} as billing_persons
    on payments.billing_customer_id = billing_persons.billing_customer_id
inner join {{ ref('int_identity__customers') }} as customers
    on billing_persons.unit = customers.unit
