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
        failure_code
    from up_to_tonight
    qualify {{ winning_version('payment_id') }}
)

select * from latest_version
