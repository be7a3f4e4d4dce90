{% set kinds = {'product': 'product_id', 'category': 'category'} %}
with lines as (
    select
        lines.customer_id,
        lines.invoiced_on,
        lines.amount,
        lines.product_id,
        products.category
    from {{ ref('int_customers__invoice_lines') }} as lines
    left join {{ ref('stg_catalogue__products') }} as products
        on lines.product_id = products.product_id
    where lines.amount > 0
),

{% for kind, column in kinds.items() %}
{{ kind }}_days as (
    select customer_id, {{ column }} as word, invoiced_on, sum(amount) as amount
    from lines
    where {{ column }} is not null
    group by customer_id, {{ column }}, invoiced_on
),

{{ kind }}_sums as (
    select
        days.customer_id,
        as_of_dates.as_of_date,
        days.word,
        sum(days.amount) as amount,
        count(*) as purchase_days
    from {{ kind }}_days as days
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on days.invoiced_on <= as_of_dates.as_of_date
    group by days.customer_id, as_of_dates.as_of_date, days.word
),

{{ kind }}_customers as (
    select customer_id, as_of_date, sum(amount) as amount
    from {{ kind }}_sums
    group by customer_id, as_of_date
),

{{ kind }}_words as (
    select
        as_of_date,
        word,
        sum(amount) as amount,
        sum(sum(amount)) over (partition by as_of_date) as amount_of_all
    from {{ kind }}_sums
    group by as_of_date, word
),

-- The share of it in what the customer spends, against its share in what all spend.
{{ kind }}_lifts as (
    select
        sums.*,
        round(
            cast(sums.amount as double) / customers.amount * words.amount_of_all / words.amount, 6
        ) as lift
    from {{ kind }}_sums as sums
    inner join {{ kind }}_customers as customers
        on sums.customer_id = customers.customer_id and sums.as_of_date = customers.as_of_date
    inner join {{ kind }}_words as words
        on sums.as_of_date = words.as_of_date and sums.word = words.word
),

{{ kind }}_totals as (
    select
        customer_id,
        as_of_date,
        count(*) as words,
        max_by(word, {{ in_order('amount', 'word') }}) as top_word,
        max_by(word, {{ in_order('lift', 'word') }}) filter (
            where lift > 1 and purchase_days >= {{ threshold('affinity_minimum_days') }}
        ) as affinity,
        max(lift) filter (
            where lift > 1 and purchase_days >= {{ threshold('affinity_minimum_days') }}
        ) as affinity_lift
    from {{ kind }}_lifts
    group by customer_id, as_of_date
){{ ',' if not loop.last }}
{% endfor %}

-- Who bought nothing bought no product; who bought what has no name may have.
select
    orders.customer_id,
    orders.as_of_date,
    case when orders.orders_total = 0 then 0 else product_totals.words end as products_bought,
    case when orders.orders_total = 0 then 0 else category_totals.words end as categories_bought,
    product_totals.top_word as top_product_id,
    category_totals.top_word as top_category,
    product_totals.affinity as affinity_product_id,
    product_totals.affinity_lift as affinity_product_lift,
    category_totals.affinity as affinity_category,
    category_totals.affinity_lift as affinity_category_lift
from {{ ref('order_features') }} as orders
{% for kind in kinds %}
left join {{ kind }}_totals
    on
        orders.customer_id = {{ kind }}_totals.customer_id
        and orders.as_of_date = {{ kind }}_totals.as_of_date
{% endfor %}
