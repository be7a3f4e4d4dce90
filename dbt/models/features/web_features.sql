with as_of_dates as (
    select * from {{ source('night', 'as_of_dates') }}
),

activity as (
    select
        activity.customer_id,
        as_of_dates.as_of_date,
        cast(sum(activity.events) as bigint) as events_total,
        cast(sum(activity.page_views) as bigint) as page_views_total,
        max(activity.last_event_at) as last_event_at,
        min(activity.activity_on) as first_event_on,
        max(activity.activity_on) as last_event_on,
        cast(max(activity.last_login_at) as timestamp) as last_login_at,
        max_by(activity.country, {{ in_order('activity.last_event_at', 'activity.country') }})
            filter (where activity.country is not null) as web_country,
        max_by(activity.last_search_term, activity.search_order)
            filter (where activity.search_order is not null) as last_search_term,
        {% for column in ['events', 'logins', 'carts', 'checkouts', 'declined_cards'] %}
        {% set days = 90 if column == 'declined_cards' else 30 %}
        cast(coalesce(sum(activity.{{ column }}) filter (
            where activity.activity_on > {{ days_before('as_of_dates.as_of_date', days) }}
        ), 0) as bigint) as {{ column }}_{{ days }}d,
        {% endfor %}
        {% for step in ['cart', 'checkout', 'no_card', 'declined', 'missing_detail', 'order'] %}
        max(activity.last_{{ step }}_at) filter (
            where activity.activity_on > {{ days_before('as_of_dates.as_of_date', 30) }}
        ) as {{ step }}_at,
        {% endfor %}
        {{ count_of_days('activity.activity_on', 'as_of_dates.as_of_date', 30) }} as active_days_30d
    from {{ ref('int_customers__daily_activity') }} as activity
    inner join as_of_dates on activity.activity_on <= as_of_dates.as_of_date
    group by activity.customer_id, as_of_dates.as_of_date
),

-- An attempt begins with the cart, after the last order.
attempts as (
    select
        *,
        greatest(cart_at, checkout_at) as step_at,
        {{ business_day('greatest(cart_at, checkout_at)') }} as step_on,
        greatest(coalesce(cart_at, checkout_at), order_at) as attempt_at
    from activity
),

-- Whoever pays has bought, even when the tracker does not say so: an invoice of the day
-- of the last step or of the day after it.
bought as (
    select distinct
        attempts.customer_id,
        attempts.as_of_date
    from attempts
    inner join {{ ref('int_customers__invoice_lines') }} as lines
        on
            attempts.customer_id = lines.customer_id
            and lines.amount > 0
            and lines.invoiced_on between attempts.step_on and attempts.as_of_date
            and {{ days_between('attempts.step_on', 'lines.invoiced_on') }} <= 1
),

checkout as (
    select
        attempts.*,
        step_at is not null and coalesce(order_at < step_at, true)
        and bought.customer_id is null as cart_abandoned,
        -- When something stood in the way last, since the attempt began.
        greatest(
            case when no_card_at >= attempt_at then no_card_at else attempt_at end,
            case when declined_at >= attempt_at then declined_at else attempt_at end,
            case when missing_detail_at >= attempt_at then missing_detail_at else attempt_at end
        ) as stopped_at
    from attempts
    left join bought
        on attempts.customer_id = bought.customer_id and attempts.as_of_date = bought.as_of_date
)

select
    spine.customer_id,
    spine.as_of_date,
    {% for column in [
        'events_total', 'events_30d', 'page_views_total', 'active_days_30d', 'logins_30d',
        'carts_30d', 'checkouts_30d', 'declined_cards_90d',
    ] %}
    {{ known_zero('checkout.' ~ column, 'web_is_known') }} as {{ column }},
    {% endfor %}
    checkout.last_event_at,
    checkout.first_event_on,
    checkout.last_event_on,
    {{ days_between('checkout.last_event_on', 'spine.as_of_date') }} as days_since_last_event,
    {{ business_day('checkout.last_login_at') }} as last_login_on,
    checkout.last_search_term,
    case when web_is_known then coalesce(checkout.cart_abandoned, false) end as cart_abandoned,
    case
        when not checkout.cart_abandoned then null
        when checkout.declined_at = checkout.stopped_at then 'card_declined'
        when checkout.no_card_at = checkout.stopped_at then 'no_card'
        when checkout.missing_detail_at = checkout.stopped_at then 'missing_detail'
        when checkout.cart_abandoned then 'unknown'
    end as checkout_drop_reason,
    checkout.web_country
from {{ ref('customer_spine') }} as spine
left join checkout
    on spine.customer_id = checkout.customer_id and spine.as_of_date = checkout.as_of_date
