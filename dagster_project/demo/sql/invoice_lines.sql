-- One row per invoice line. A month or a year is billed ahead; who moves to another
-- plan within a paid year gets the unused months back; add-ons and refunds come on top.
create or replace temp table invoice_lines as
with periods_before as (
    select
        *,
        lag(ends_on) over firm_periods as before_ends_on,
        lag(is_annual) over firm_periods as before_is_annual,
        lag(monthly_amount) over firm_periods as before_amount,
        lag(k) over firm_periods as before_k
    from periods
    window firm_periods as (partition by firm order by k)
),

dues as (
    select
        *,
        unnest(range(
            0,
            date_diff(
                'month', starts_on, least(ends_on, getvariable('until') + 1)
            ) + 1,
            if(is_annual, 12, 1)
        ))::integer as months
    from periods_before
),

invoices as (
    select
        *,
        (joined_on + to_months(k + months))::date as invoiced_on,
        'in_' || lpad(firm::varchar, 7, '0') || '_' || lpad((k + months)::varchar, 4, '0')
            as invoice_id,
        if(is_annual, 12, 1) as months_billed,
        if(
            months = 0 and before_ends_on = starts_on and before_is_annual,
            (12 - (k - before_k) % 12) % 12, 0
        ) as months_unused
    from dues
    -- Refunds and late payments follow an invoice within 30 days.
    where joined_on + to_months(k + months) >= greatest(
        getvariable('start'), getvariable('since') - 30
    ) and (ends_on is null or joined_on + to_months(k + months) < ends_on)
    and joined_on + to_months(k + months) <= getvariable('until')
),

lines as (
    select
        *, 1 as line, 'subscription' as kind, concat_ws('_', 'plan', plan) as product_id,
        if(is_annual, 'Year of ', 'Month of ') || plan as description,
        months_billed as quantity, monthly_amount as unit_price,
        moment(invoiced_on, draw(invoice_id, 'at'), 5, 7) as invoiced_at
    from invoices
    union all
    select
        *, 2, 'credit', concat_ws('_', 'plan', plan), 'Unused months of the last plan',
        months_unused, -before_amount,
        moment(invoiced_on, draw(invoice_id, 'at'), 5, 7)
    from invoices
    where months_unused > 0
    union all
    select
        invoices.*, 3, 'one_off',
        pick(['addon_training', 'addon_storage', 'addon_migration'],
            draw(invoice_id, 'add-on')),
        'Add-on', 1,
        pick([490, 90, 750], draw(invoice_id, 'add-on'))::decimal(18, 2),
        moment(invoiced_on, draw(invoice_id, 'at'), 5, 7)
    from invoices
    inner join firms on invoices.firm = firms.firm
    where draw(invoice_id, 'adds') < firms.addons
    union all
    select
        invoices.* replace ('cn_' || invoices.invoice_id[4:] as invoice_id),
        1, 'refund', concat_ws('_', 'plan', plan), 'Refund', 1,
        if(
            draw(invoice_id, 'half') < 0.5,
            -monthly_amount, -round(monthly_amount / 2, 2)
        )::decimal(18, 2),
        moment(
            invoiced_on + whole(draw(invoice_id, 'refund on'), 3, 20),
            draw(invoice_id, 'refund at'), 9, 17
        )
    from invoices
    inner join firms on invoices.firm = firms.firm
    where draw(invoice_id, 'refunds') < firms.refunds
)

select
    invoice_id || '_' || line as invoice_line_id,
    invoice_id,
    billing_customer_id,
    invoiced_at,
    product_id,
    description,
    quantity,
    unit_price,
    round((quantity * unit_price * vat)::decimal(18, 6), 2)::decimal(18, 2) as tax,
    (quantity * unit_price)::decimal(18, 2) as amount,
    'EUR' as currency,
    kind,
    firm,
    invoiced_at::date as delivered_on
from lines;
