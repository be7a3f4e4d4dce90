{% set reasons = [
    'billed_ahead', 'rates_and_rounding', 'discounts', 'not_counted', 'not_yet_invoiced',
    'billed_earlier', 'unexplained',
] %}
with lines as (
    select
        {{ month_of('invoiced_on') }} as month,
        sum(amount) as invoiced,
        coalesce(sum(amount) filter (where kind = 'proration'), 0) as prorations,
        coalesce(sum(amount) filter (where amount < 0 and kind is distinct from 'proration'), 0) as credits
    from {{ ref('int_billing__invoice_lines') }}
    group by month
),

subscribed as (
    select month, sum(mrr) as mrr from {{ ref('customer_mrr_monthly') }} group by month
),

billed as (
    select month, sum(recurring) as recurring from {{ ref('int_customers__billed_months') }} group by month
),

differences as (
    select
        month,
        {% for reason in reasons %}
        coalesce(sum(amount) filter (where reason = '{{ reason }}'), 0) as {{ reason }},
        {% endfor %}
        sum(changed_in_month) as changed_in_month,
        count(*) filter (where reason = 'unexplained') as customers_unexplained
    from {{ ref('mrr_invoice_differences') }}
    group by month
),

-- Nothing can be said of the months before the first invoice.
spine as (
    select month from lines
    union
    select month from subscribed
    where month >= (select min(month) from lines)
),

months as (
    select
        spine.month,
        coalesce(lines.invoiced, 0) as invoiced,
        coalesce(subscribed.mrr, 0) as mrr,
        coalesce(lines.prorations, 0) as prorations,
        coalesce(lines.credits, 0) as credits,
        coalesce(lines.invoiced - lines.prorations - lines.credits - coalesce(billed.recurring, 0), 0)
            as one_off,
        {% for part in reasons + ['changed_in_month'] %}
        coalesce(differences.{{ part }}, 0) as {{ part }},
        {% endfor %}
        coalesce(differences.customers_unexplained, 0) as customers_unexplained
    from spine
    left join lines on spine.month = lines.month
    left join subscribed on spine.month = subscribed.month
    left join billed on spine.month = billed.month
    left join differences on spine.month = differences.month
    where {{ subscriptions_are_present() }}
)

select
    {{ tonight() }} as as_of_date,
    month,
    cast(mrr as decimal(18, 2)) as mrr,
    cast(invoiced as decimal(18, 2)) as invoiced,
    cast(invoiced - mrr as decimal(18, 2)) as difference,
    {% for part in ['one_off', 'prorations', 'credits', 'changed_in_month'] + reasons %}
    cast({{ part }} as decimal(18, 2)) as {{ part }},
    {% endfor %}
    customers_unexplained
from months
