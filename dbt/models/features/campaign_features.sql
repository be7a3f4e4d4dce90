{% set counts = {
    'touches': 'sent', 'opens': 'opened', 'clicks': 'clicked', 'replies': 'replied',
    'conversions': 'converted',
} %}

-- An open is no response: programs open mail that nobody reads.
with events as (
    select
        as_of_dates.as_of_date,
        events.*,
        events.event_type in ('clicked', 'replied', 'converted', 'opportunity') as is_response
    from {{ ref('int_customers__campaign_events') }} as events
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on events.event_on <= as_of_dates.as_of_date
),

totals as (
    select
        customer_id,
        as_of_date,
        {% for name, event_type in counts.items() %}
        count(*) filter (
            where event_type = '{{ event_type }}' and event_on > {{ days_before('as_of_date', 90) }}
        ) as campaign_{{ name }}_90d,
        {% endfor %}
        max(event_on) filter (where event_type = 'sent') as last_touch_on,
        max(event_on) filter (where is_response) as last_campaign_response_on
    from events
    group by customer_id, as_of_date
),

survey as (
    select
        *,
        {{ feed_is_present('campaign_events') }} as campaigns_are_known
    from {{ ref('survey_features') }}
)

select
    survey.customer_id,
    survey.as_of_date,
    {% for column in [
        'totals.campaign_touches_90d', 'totals.campaign_opens_90d', 'totals.campaign_clicks_90d',
        'totals.campaign_replies_90d', 'totals.campaign_conversions_90d',
        'channels.campaigns_received_12m', 'channels.campaigns_answered_12m',
    ] %}
    {{ known_zero(column, 'campaigns_are_known') }} as {{ column.split('.')[1] }},
    {% endfor %}
    cast(round(
        channels.campaigns_answered_12m / cast(channels.campaigns_received_12m as double), 4
    ) as decimal(5, 4)) as campaign_response_rate_12m,
    totals.last_touch_on,
    totals.last_campaign_response_on,
    channels.channel as best_response_channel_12m,
    coalesce(survey.preferred_channel_stated, channels.channel) as preferred_channel,
    case
        when survey.preferred_channel_stated is not null then 'stated'
        when channels.channel is not null then 'responses'
    end as preferred_channel_basis,
    cast(case
        when survey.preferred_channel_stated is not null then {{ threshold('stated_channel_confidence') }}
        else channels.confidence
    end as decimal(5, 4)) as preferred_channel_confidence
from survey
left join totals
    on survey.customer_id = totals.customer_id and survey.as_of_date = totals.as_of_date
left join {{ ref('response_channels') }} as channels
    on survey.customer_id = channels.customer_id and survey.as_of_date = channels.as_of_date
