{{ config(group='scores') }}

{% set fresh = '1 - days_since_last_event / ' ~ threshold('at_risk_after_days') %}
{% set adopted = 'features_used_30d / ' ~ threshold('engagement_features_30d_full') %}
{% set paid = '1 - payments_failed_90d / ' ~ threshold('health_failed_payments_worst') %}

-- Who pays; where no feed tells of money, everybody.
with customers as (
    select * from {{ ref('customer_states') }}
    where is_tonight and coalesce(lifecycle_stage not in ('prospect', 'churned'), true)
),

opinions as (
    select
        *,
        case
            when
                {{ days_between('nps_answered_on', 'as_of_date') }}
                <= {{ threshold('health_answer_within_days') }}
                then 10 * nps_score
        end as nps_part,
        100 * {{ within_one('(csat_90d - 1) / 4') }} as csat_part
    from customers
),

parts as (
    select
        customer_id,
        as_of_date,
        cast(
            (engagement_score + 100 * coalesce(
                {{ within_one(fresh) }}, 0
            )) / 2 as decimal(5, 2)
        ) as health_usage,
        cast(
            100 * {{ within_one(adopted) }} as decimal(5, 2)
        ) as health_adoption,
        cast(
            (coalesce(nps_part, csat_part) + coalesce(csat_part, nps_part)) / 2 as decimal(5, 2)
        ) as health_satisfaction,
        cast({{ health_of_tickets() }} as decimal(5, 2)) as health_support,
        cast(
            100 * {{ within_one(paid) }} as decimal(5, 2)
        ) as health_payment
    from opinions
),

shares as (
    select
        *,
        {% for part in health_parts() %}
        case
            when health_{{ part }} is null then 0
            else {{ threshold('health_weight_' ~ part) }}
        end as share_{{ part }},
        {% endfor %}
        {{ health_weights() }} as share_all
    from parts
),

known as (
    select
        *,
        {% for part in health_parts() %}
        share_{{ part }}{{ ' + ' if not loop.last }}
        {% endfor %} as share_known
    from shares
),

scores as (
    select
        *,
        cast(share_known / share_all as decimal(5, 4)) as health_coverage,
        case
            when share_known >= {{ threshold('health_minimum_coverage') }} * share_all then cast((
                {% for part in health_parts() %}
                coalesce(health_{{ part }}, 0) * share_{{ part }}{{ ' + ' if not loop.last }}
                {% endfor %}
            ) / share_known as decimal(5, 2))
        end as health_score
    from known
)

select
    customer_id,
    as_of_date,
    {% for part in health_parts() %}
    health_{{ part }},
    cast(share_{{ part }} / nullif(share_known, 0) as decimal(5, 4)) as health_weight_{{ part }},
    {% endfor %}
    health_coverage,
    health_score,
    case
        when health_score is null then 'unknown'
        when health_score >= {{ threshold('health_healthy_from') }} then 'healthy'
        when health_score >= {{ threshold('health_watch_from') }} then 'watch'
        else 'poor'
    end as health_band
from scores
