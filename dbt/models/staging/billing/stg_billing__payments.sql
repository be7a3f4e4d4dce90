with attempts as (
    select
        *,
        {{ business_day('paid_at') }} as paid_on
    from {{ source('raw', 'payments') }}
),

up_to_tonight as (
    select * from attempts
    where paid_on <= {{ tonight() }}
),

latest_version as (
    select
        payment_id,
        billing_customer_id,
        invoice_id,
        paid_at,
        paid_on,
        amount,
        coalesce(currency, (select reporting_currency from {{ source('night', 'control') }})) as currency,
        status,
        failure_code,
        refund_of
    from up_to_tonight
    qualify {{ winning_version('payment_id') }}
)

-- A refund names the payment that it gives back, not always whose it was.
select
    payments.payment_id,
    coalesce(payments.billing_customer_id, refunded.billing_customer_id) as billing_customer_id,
    coalesce(payments.invoice_id, refunded.invoice_id) as invoice_id,
    payments.paid_at,
    payments.paid_on,
    payments.amount,
    payments.currency,
    payments.status,
    payments.failure_code,
    payments.refund_of
from latest_version as payments
left join latest_version as refunded on payments.refund_of = refunded.payment_id
