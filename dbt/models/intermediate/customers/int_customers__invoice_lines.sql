select
    customers.customer_id,
    lines.invoice_line_id,
    lines.invoice_id,
    lines.invoiced_at,
    lines.invoiced_on,
    lines.product_id,
    lines.quantity,
    lines.kind,
    lines.currency,
    lines.original_amount,
    lines.amount,
    lines.list_amount
from {{ ref('int_billing__invoice_lines') }} as lines
inner join {{ ref('int_identity__billing_persons') }} as billing_persons
    on lines.billing_customer_id = billing_persons.billing_customer_id
inner join {{ ref('int_identity__customers') }} as customers
    on billing_persons.unit = customers.unit
