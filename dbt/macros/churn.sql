{# Churn as a logistic regression: which features it knows, and how a score is made of
   its numbers. The fit is in dagster_project/features/churn.py. #}

{# The numbers it knows, with the shape in which they enter: `log` is the signed
   logarithm, `plain` the value itself. Only what was known at the as-of date may stand
   here: nothing computed for tonight alone (people_count, value, risk), nothing that
   compares a customer with others of the same date (rfm, percentiles). And no two that
   say the same (sessions and active days): their weights would pull against each other
   and a reason would be half a reason. #}
{% macro churn_numbers() %}
    {{ return({
        'tenure_days': 'log',
        'mrr': 'log',
        'mrr_change_90d': 'log',
        'subscriptions_active': 'log',
        'orders_total': 'log',
        'refunds_total': 'log',
        'avg_order_value': 'log',
        'recency_days': 'log',
        'revenue_slope_8w': 'log',
        'payments_failed_90d': 'log',
        'sessions_30d': 'log',
        'sessions_prev_30d': 'log',
        'session_slope_8w': 'plain',
        'features_used_30d': 'log',
        'carts_30d': 'log',
        'declined_cards_90d': 'log',
        'days_since_last_event': 'log',
        'nps_score': 'plain',
        'csat_90d': 'plain',
        'tickets_90d': 'log',
        'open_tickets': 'log',
        'avg_sentiment_90d': 'plain',
    }) }}
{% endmacro %}

{% macro churn_categories() %}
    {{ return(['tier', 'lifecycle_stage']) }}
{% endmacro %}

{# The CTEs weights, pulls and scores, after two others: customers and parameters (name,
   value). A pull is what a feature adds to the log-odds of leaving, 0 for the average
   customer; scores has one row per customer with the pulls and `probability`, which is
   NULL without a model. #}
{% macro churn_scores(numbers, categories) %}
weights as (
    select
        {% for feature in numbers %}
        {% for part in ['low', 'high', 'center', 'scale', 'weight', 'missing'] %}
        max(value) filter (where name = '{{ feature }}.{{ part }}') as {{ feature }}__{{ part }},
        {% endfor %}
        {% endfor %}
        max(value) filter (where name = 'intercept') as intercept__,
        max(value) filter (where name = 'calibration.slope') as slope__,
        max(value) filter (where name = 'calibration.offset') as offset__
    from parameters
),

pulls as (
    select
        customers.*,
        weights.intercept__,
        weights.slope__,
        weights.offset__,
        {% for feature, shape in numbers.items() %}
        coalesce(case
            when customers.{{ feature }} is null then weights.{{ feature }}__missing
            else weights.{{ feature }}__weight * (
                least(greatest({{ churn_shape(shape, 'customers.' ~ feature) }}, weights.{{ feature }}__low), weights.{{ feature }}__high)
                - weights.{{ feature }}__center
            ) / weights.{{ feature }}__scale
        end, 0) as {{ feature }}__pull{{ ',' if categories or not loop.last }}
        {% endfor %}
        {% for feature in categories %}
        coalesce({{ feature }}__is.value, 0) as {{ feature }}__pull{{ ',' if not loop.last }}
        {% endfor %}
    from customers
    cross join weights
    {% for feature in categories %}
    left join parameters as {{ feature }}__is
        on {{ feature }}__is.name = '{{ feature }}=' || coalesce(customers.{{ feature }}, '(unknown)')
    {% endfor %}
),

scores as (
    select
        *,
        case when intercept__ is not null then 1 / (1 + exp(-least(greatest(slope__ * (
            intercept__
            {% for feature in (numbers.keys() | list) + categories %}
            + {{ feature }}__pull
            {% endfor %}
        ) + offset__, -35), 35))) end as probability
    from pulls
)
{%- endmacro %}

{# The CTEs up to `explained`, after scores: with the features that have the largest
   positive pulls as reason_1 to reason_3, of equal ones the first of the list. #}
{% macro churn_reasons(features) %}
{% for place in [1, 2, 3] %}
largest_{{ place }} as (
    select
        *,
        {{ largest_pull(features, range(1, place)) }} as pull_{{ place }}
    from {{ 'scores' if place == 1 else 'taken_' ~ (place - 1) }}
),

taken_{{ place }} as (
    select
        *,
        case
            when pull_{{ place }} <= 0 then null
            {% for feature in features %}
            {% set number = loop.index %}
            when {{ feature }}__pull = pull_{{ place }}{% for earlier in range(1, place) %} and taken_{{ earlier }} <> {{ number }}{% endfor %} then {{ number }}
            {% endfor %}
        end as taken_{{ place }}
    from largest_{{ place }}
),
{% endfor %}

explained as (
    select
        *,
        {% for place in [1, 2, 3] %}
        case taken_{{ place }}
            {% for feature in features %}
            when {{ loop.index }} then '{{ feature }}'
            {% endfor %}
        end as reason_{{ place }}{{ ',' if not loop.last }}
        {% endfor %}
    from taken_3
)
{%- endmacro %}

{# The largest pull of those that were not taken at earlier places. #}
{% macro largest_pull(features, places) -%}
    greatest(
        {% for feature in features %}
        {% set number = loop.index %}
        case when true{% for place in places %} and taken_{{ place }} <> {{ number }}{% endfor %} then {{ feature }}__pull end{{ ',' if not loop.last }}
        {% endfor %}
    )
{%- endmacro %}

{# A feature in shaped units. #}
{% macro churn_shape(shape, value) -%}
    {%- if shape == 'log' -%}
    sign(cast({{ value }} as double)) * ln(1 + abs(cast({{ value }} as double)))
    {%- else -%}
    cast({{ value }} as double)
    {%- endif -%}
{%- endmacro %}
