with lines as (
    select
        *,
        {{ business_day('invoiced_at') }} as invoiced_on
    from {{ source('raw', 'invoice_lines') }}
),

up_to_tonight as (
    select * from lines
    where invoiced_on <= {{ tonight() }}
),

latest_version as (
    select
        ----------  ids
        invoice_line_id,
        invoice_id,
        billing_customer_id,
        product_id,

        ----------  times
        invoiced_at,
        invoiced_on,

        ----------  what is invoiced
        description,
        quantity,
        unit_price,
        amount,
        coalesce(currency, (select reporting_currency from {{ source('night', 'control') }})) as currency,
        kind
    from up_to_tonight
    qualify {{ winning_version('invoice_line_id') }}
)

select * from latest_version
