-- On which channel a customer answers campaigns. An open is no answer: programs open mail
-- that nobody reads.
with campaigns as (
    select
        events.customer_id,
        as_of_dates.as_of_date,
        min(events.event_on) as received_on,
        coalesce(
            max_by(events.channel, {{ in_order('events.event_at', 'events.event_id') }})
                filter (where events.channel is not null),
            'other'
        ) as channel,
        bool_or(events.event_type in ('clicked', 'replied', 'converted', 'opportunity')) as is_answered
    from {{ ref('int_customers__campaign_events') }} as events
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on events.event_on <= as_of_dates.as_of_date
    group by events.customer_id, as_of_dates.as_of_date, events.campaign_id, events.person_id
),

channels as (
    select
        customer_id,
        as_of_date,
        channel,
        count(*) as received,
        count(*) filter (where is_answered) as answered
    from campaigns
    where received_on > {{ months_before('as_of_date', 12) }}
    group by customer_id, as_of_date, channel
),

compared as (
    select
        *,
        sum(received) over of_customer as received_by_customer,
        sum(answered) over of_customer as answered_by_customer,
        sum(answered) over on_channel / cast(sum(received) over on_channel as double) as share_on_channel,
        sum(answered) over of_all / cast(sum(received) over of_all as double) as share_of_all
    from channels
    window
        of_customer as (partition by as_of_date, customer_id),
        on_channel as (partition by as_of_date, channel),
        of_all as (partition by as_of_date)
),

-- The share of campaigns that the customer answers, drawn to that of all customers on
-- the channel as if some more campaigns had gone the usual way.
smoothed as (
    select
        *,
        (answered + {{ threshold('channel_prior_campaigns') }} * share_on_channel)
        / (received + {{ threshold('channel_prior_campaigns') }}) as share
    from compared
),

ranked as (
    select
        *,
        coalesce(lead(share) over from_best, share_of_all) as next_share,
        row_number() over from_best as place
    from smoothed
    window from_best as (
        partition by customer_id, as_of_date
        order by answered > 0 and channel <> 'other' desc, share desc, answered desc, received desc, channel
    )
)

-- How sure: how much was sent, and how far the best channel is ahead of the next.
select
    customer_id,
    as_of_date,
    cast(received_by_customer as bigint) as campaigns_received_12m,
    cast(answered_by_customer as bigint) as campaigns_answered_12m,
    case when answered > 0 and channel <> 'other' then channel end as channel,
    case
        when answered > 0 and channel <> 'other'
            then round(
                received_by_customer / (received_by_customer + {{ threshold('channel_prior_campaigns') }})
                * share / (share + next_share), 4
            )
    end as confidence
from ranked
where place = 1
