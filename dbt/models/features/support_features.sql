{% set in_90d = 'opened_on > ' ~ days_before('as_of_date', 90) %}
{% set in_12m = 'opened_on > ' ~ months_before('as_of_date', 12) %}

-- A ticket as it was known on the day; how it ended, only from the day on which it ended.
with tickets as (
    select
        as_of_dates.as_of_date,
        tickets.customer_id,
        tickets.ticket_id,
        tickets.opened_at,
        tickets.opened_on,
        tickets.type,
        tickets.channel,
        tickets.sentiment,
        coalesce(tickets.closed_on <= as_of_dates.as_of_date, tickets.status = 'closed', false) as is_closed,
        case when coalesce(tickets.closed_on <= as_of_dates.as_of_date, true) then tickets.csat end as csat,
        case when coalesce(tickets.closed_on <= as_of_dates.as_of_date, true) then tickets.handle_minutes end
            as handle_minutes
    from {{ ref('int_customers__tickets') }} as tickets
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on
            {{ is_known('tickets', 'as_of_dates.as_of_date') }}
            and tickets.opened_on <= as_of_dates.as_of_date
),

totals as (
    select
        customer_id,
        as_of_date,
        count(*) as tickets_total,
        count(*) filter (where {{ in_90d }}) as tickets_90d,
        count(*) filter (where not is_closed) as open_tickets,
        max(opened_on) as last_ticket_on,
        count(csat) filter (where {{ in_90d }}) as ticket_ratings_90d,
        cast(avg(csat) filter (where {{ in_90d }}) as decimal(9, 4)) as ticket_csat_90d,
        cast(avg(sentiment) filter (where {{ in_90d }}) as decimal(5, 4)) as avg_sentiment_90d,
        count(distinct channel) filter (where {{ in_12m }}) as contact_channels_12m,
        {% for window, condition in [('90d', in_90d), ('12m', in_12m)] %}
        -- Nothing to do took no time; work that nobody wrote down took an unknown time.
        case
            when count(*) filter (where is_closed and {{ condition }}) = 0 then 0
            else sum(handle_minutes) filter (where {{ condition }})
        end as handle_minutes_{{ window }}{{ ',' if not loop.last }}
        {% endfor %}
    from tickets
    group by customer_id, as_of_date
),

{% for column, condition, name in [('type', in_90d, 'types'), ('channel', in_12m, 'channels')] %}
{{ name }} as (
    select customer_id, as_of_date, {{ column }}
    from tickets
    where {{ column }} is not null and {{ condition }}
    group by customer_id, as_of_date, {{ column }}
    qualify
        row_number() over (
            partition by customer_id, as_of_date
            order by count(*) desc, max(opened_at) desc, {{ column }}
        ) = 1
),
{% endfor %}

spine as (
    select
        *,
        {{ feed_is_present('tickets') }} as support_is_known
    from {{ ref('customer_spine') }}
)

select
    spine.customer_id,
    spine.as_of_date,
    {% for column in [
        'tickets_total', 'tickets_90d', 'open_tickets', 'ticket_ratings_90d', 'contact_channels_12m',
    ] %}
    {{ known_zero('totals.' ~ column, 'support_is_known') }} as {{ column }},
    {% endfor %}
    {% for column in ['handle_minutes_90d', 'handle_minutes_12m'] %}
    cast(case
        when totals.customer_id is not null then totals.{{ column }} when support_is_known then 0
    end as decimal(18, 2)) as {{ column }},
    {% endfor %}
    totals.last_ticket_on,
    totals.ticket_csat_90d,
    totals.avg_sentiment_90d,
    types.type as main_ticket_type_90d,
    channels.channel as main_contact_channel_12m
from spine
left join totals
    on spine.customer_id = totals.customer_id and spine.as_of_date = totals.as_of_date
left join types
    on spine.customer_id = types.customer_id and spine.as_of_date = types.as_of_date
left join channels
    on spine.customer_id = channels.customer_id and spine.as_of_date = channels.as_of_date
