{% set groups = {
    'billing': ['mrr', 'arr', 'mrr_change_90d', 'subscriptions_active', 'subscribed_on', 'plan', 'tier'],
    'orders': [
        'orders_total', 'revenue_total', 'revenue_12m', 'refunds_total', 'monetary',
        'avg_order_value', 'recency_days', 'frequency', 'repeat_frequency', 'revenue_slope_8w',
    ],
    'web': [
        'events_total', 'events_30d', 'page_views_total', 'sessions_total', 'sessions_30d',
        'sessions_prev_30d', 'active_days_30d', 'features_used_30d', 'carts_30d',
        'declined_cards_90d', 'last_event_at', 'session_slope_8w',
    ],
    'survey': ['nps_score', 'csat_90d', 'responses_total', 'last_response_on'],
} %}

select
    measures.customer_id,
    measures.as_of_date,
    measures.is_tonight,
    measures.account_id,
    primary_people.person_id as primary_person_id,
    measures.people_count,
    measures.is_billing_customer,
    measures.currency,
    measures.country,
    measures.billing_region as region,
    measures.first_seen_on,
    measures.first_paid_on,
    measures.tenure_days,
    lifecycle.lifecycle_stage,
    {% for column in groups['billing'] + groups['orders'] %}
    measures.{{ column }},
    {% endfor %}
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    rfm.rfm_class,
    measures.payments_failed_90d,
    {% for column in groups['web'] %}
    measures.{{ column }},
    {% endfor %}
    measures.days_since_last_event,
    engagement.engagement_score,
    engagement.engagement_percentile,
    measures.nps_class,
    {% for column in groups['survey'] %}
    measures.{{ column }},
    {% endfor %}
    {% for group, columns in groups.items() %}
    {{ coverage(columns) }} as {{ group }}_coverage{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_measures') }} as measures
left join {{ ref('lifecycle') }} as lifecycle
    on measures.customer_id = lifecycle.customer_id and measures.as_of_date = lifecycle.as_of_date
left join {{ ref('engagement') }} as engagement
    on measures.customer_id = engagement.customer_id and measures.as_of_date = engagement.as_of_date
left join {{ ref('rfm_scores') }} as rfm
    on measures.customer_id = rfm.customer_id and measures.as_of_date = rfm.as_of_date
left join {{ ref('primary_people') }} as primary_people
    on measures.customer_id = primary_people.customer_id and primary_people.is_primary
