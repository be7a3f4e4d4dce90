select
    customers.customer_id,
    lines.invoice_line_id,
    lines.invoice_id,
    lines.invoiced_on,
    lines.kind,
    lines.currency,
    {{ in_reporting_currency('lines.amount', 'rates.rate') }} as amount
from {{ ref('stg_billing__invoice_lines') }} as lines
inner join {{ ref('int_identity__billing_persons') }} as billing_persons
    on lines.billing_customer_id = billing_persons.billing_customer_id
inner join {{ ref('int_identity__customers') }} as customers
    on billing_persons.unit = customers.unit
left join {{ ref('int_billing__rates') }} as rates
    on
        lines.currency = rates.currency
        and lines.invoiced_on >= rates.valid_from
        and lines.invoiced_on < rates.valid_to
