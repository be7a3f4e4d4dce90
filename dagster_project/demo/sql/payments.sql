-- One row per attempt to pay an invoice (the third nearly always succeeds), or per
-- refund paid out.
create or replace temp table payments as
with totals as (
    select
        invoice_id,
        any_value(billing_customer_id) as billing_customer_id,
        any_value(firm) as firm,
        any_value(invoiced_at) as invoiced_at,
        sum(amount + tax)::decimal(18, 2) as total
    from invoice_lines
    group by invoice_id
),

attempts as (
    select
        totals.*,
        tries.attempt,
        tries.days_later,
        draw(invoice_id, 'pays 1') < firms.declines as fails_1,
        draw(invoice_id, 'pays 2') < 0.25 as fails_2,
        draw(invoice_id, 'pays 3') < 0.10 as fails_3
    from totals
    inner join firms on totals.firm = firms.firm
    cross join (values (1, 0), (2, 3), (3, 7)) as tries (attempt, days_later)
    where total > 0
        and (attempt = 1 or fails_1)
        and (attempt < 3 or fails_2)
),

moves as (
    select
        *,
        case attempt when 1 then fails_1 when 2 then fails_2 else fails_3 end as fails,
        moment(
            invoiced_at::date + days_later, draw(invoice_id, 'paid at'), 7, 21
        ) as paid_at,
        if(fails, 'failed', 'succeeded') as status
    from attempts
    union all
    select
        *, 1, 0, false, false, false, false,
        invoiced_at + to_hours(1),
        'refunded'
    from totals
    where total < 0
)

select
    'pay_' || substr(invoice_id, 1, 2) || invoice_id[4:] || '_' || attempt as payment_id,
    billing_customer_id,
    invoice_id,
    paid_at,
    abs(total)::decimal(18, 2) as amount,
    'EUR' as currency,
    status,
    if(
        fails,
        pick(['card_declined', 'card_declined', 'insufficient_funds'],
            draw(invoice_id, 'failure')),
        null
    ) as failure_code,
    paid_at as updated_at,
    paid_at::date as delivered_on
from moves;
