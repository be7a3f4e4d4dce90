{{ config(materialized='view') }}

-- Read when a churn model is fitted, and then for a fixed share of the customers.
with recursive held as (
    select customer_id from {{ ref('int_identity__customers') }}
),

moves as (
    select old_customer_id, new_customer_id
    from {{ source('release', 'customer_key_log') }}
    where kind = 'merge' and old_customer_id not in (select customer_id from held)
    qualify row_number() over (partition by old_customer_id order by changed_on desc, new_customer_id) = 1
),

-- The key of today for a key that nobody holds any more.
keys as (
    select old_customer_id as recorded_id, new_customer_id as customer_id from moves
    union
    select keys.recorded_id, moves.new_customer_id
    from keys
    inner join moves on keys.customer_id = moves.old_customer_id
),

dated as (
    select customer_id as recorded_id, as_of_date, false as is_recorded from {{ ref('customer_spine') }}
    union all
    select customer_id, month_end, true from {{ source('release', 'customer_features_monthly') }}
),

-- Dates whose window is over.
labelled as (
    select
        coalesce(keys.customer_id, dated.recorded_id) as customer_id,
        dated.*
    from dated
    left join keys on dated.recorded_id = keys.recorded_id
    where {{ days_between('dated.as_of_date', tonight()) }} >= {{ threshold('churn_within_days') }}
),

drawn as (
    select labelled.* from labelled
    inner join held on labelled.customer_id = held.customer_id
    where
        {{ share_of_all('labelled.customer_id') }} * (select count(*) from labelled)
        < {{ threshold('churn_rows_at_most') }}
    qualify
        row_number() over (
            partition by labelled.customer_id, labelled.as_of_date
            order by is_recorded, recorded_id <> labelled.customer_id, recorded_id
        ) = 1
),

subscribed as (
    select
        drawn.customer_id,
        drawn.as_of_date,
        min(starts_on) <= drawn.as_of_date as is_subscriber,
        sum(case when starts_on <= drawn.as_of_date and coalesce(ends_on > drawn.as_of_date, true) then monthly_amount else 0 end) as mrr_then,
        sum(case
            when coalesce({{ days_between('drawn.as_of_date', 'ends_on') }} > {{ threshold('churn_within_days') }}, true)
                then monthly_amount
            else 0
        end) as mrr_after
    from drawn
    inner join {{ ref('int_customers__subscriptions') }} as periods
        on
            drawn.customer_id = periods.customer_id
            and {{ days_between('drawn.as_of_date', 'periods.starts_on') }} <= {{ threshold('churn_within_days') }}
    group by drawn.customer_id, drawn.as_of_date
),

bought as (
    select
        drawn.customer_id,
        drawn.as_of_date,
        max(case when invoiced_on <= drawn.as_of_date then invoiced_on end) as last_order_on,
        max(invoiced_on) > drawn.as_of_date as bought_after
    from drawn
    inner join {{ ref('int_customers__invoice_lines') }} as lines
        on
            drawn.customer_id = lines.customer_id
            and lines.amount > 0
            and {{ days_between('drawn.as_of_date', 'lines.invoiced_on') }} <= {{ threshold('churn_within_days') }}
    group by drawn.customer_id, drawn.as_of_date
)

select
    drawn.*,
    case
        when coalesce(subscribed.is_subscriber, false) then subscribed.mrr_after <= 0
        else not bought.bought_after and coalesce(subscribed.mrr_after, 0) <= 0
    end as has_left
from drawn
left join subscribed
    on drawn.customer_id = subscribed.customer_id and drawn.as_of_date = subscribed.as_of_date
left join bought
    on drawn.customer_id = bought.customer_id and drawn.as_of_date = bought.as_of_date
where
    case
        when coalesce(subscribed.is_subscriber, false) then subscribed.mrr_then > 0
        else {{ days_between('bought.last_order_on', 'drawn.as_of_date') }} <= {{ threshold('churned_after_days') }}
    end
