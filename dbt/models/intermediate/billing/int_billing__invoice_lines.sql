select
    lines.invoice_line_id,
    lines.invoice_id,
    lines.billing_customer_id,
    lines.invoiced_at,
    lines.invoiced_on,
    lines.product_id,
    lines.quantity,
    lines.kind,
    lines.currency,
    lines.amount as original_amount,
    {{ in_reporting_currency('lines.amount', 'rates.rate') }} as amount,
    {{ in_reporting_currency('cast(lines.quantity as decimal(28, 4)) * lines.unit_price', 'rates.rate') }} as list_amount
from {{ ref('stg_billing__invoice_lines') }} as lines
left join {{ ref('int_billing__rates') }} as rates
    on
        lines.currency = rates.currency
        and lines.invoiced_on >= rates.valid_from
        and lines.invoiced_on < rates.valid_to
