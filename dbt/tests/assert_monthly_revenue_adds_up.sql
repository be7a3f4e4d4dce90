{{ config(description='Movements, customers and the parts of differences add up to the cent, every month.') }}

with months as (
    select
        metrics.*,
        coalesce(lag(metrics.mrr_end) over (order by metrics.month), 0) as mrr_end_before,
        coalesce(lag(metrics.customers_end) over (order by metrics.month), 0) as customers_end_before
    from {{ ref('revenue_metrics_monthly') }} as metrics
),

customers as (
    select month, sum(mrr) as mrr from {{ ref('customer_mrr_monthly') }} group by month
)

select months.month, 'start and movements are not the end' as fault
from months
where
    months.mrr_start + months.new_mrr + months.expansion_mrr + months.contraction_mrr
    + months.churn_mrr + months.reactivation_mrr <> months.mrr_end
    or months.customers_start + months.new_customers + months.reactivation_customers
    - months.churn_customers <> months.customers_end
union all
select month, 'the start is not the end of the month before'
from months
where mrr_start <> mrr_end_before or customers_start <> customers_end_before
union all
select coalesce(months.month, customers.month), 'the sum of the customers is not the total'
from months
full outer join customers on months.month = customers.month
where months.mrr_end is distinct from customers.mrr
union all
select month, 'the parts are not the difference from the invoices'
from {{ ref('mrr_invoice_reconciliation') }}
where
    difference <> one_off + prorations + credits + billed_ahead + changed_in_month
    + rates_and_rounding + discounts + not_counted + not_yet_invoiced + billed_earlier + unexplained
