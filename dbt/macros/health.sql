{# The parts of the health score, each 0 to 100 or NULL when nobody knows. Their weights
   are thresholds named health_weight_<part>. #}
{% macro health_parts() %}
    {{ return(['usage', 'adoption', 'satisfaction', 'support', 'payment']) }}
{% endmacro %}

{# What the weights of all parts add up to. #}
{% macro health_weights() -%}
    (select sum(value) from {{ ref('thresholds') }} where threshold like 'health_weight_%')
{%- endmacro %}

{# What waits for an answer, and the mean mood of the tickets where one is known. #}
{% macro health_of_tickets() -%}
    {% set answered = within_one('1 - open_tickets / ' ~ threshold('health_open_tickets_worst')) %}
    50 * ({{ answered }} + coalesce({{ within_one('(1 + avg_sentiment_90d) / 2') }}, {{ answered }}))
{%- endmacro %}

{# A share cut at 0 and 1; NULL stays NULL, which least and greatest would not do. #}
{% macro within_one(value) -%}
    case when {{ value }} < 0 then 0 when {{ value }} > 1 then 1 else {{ value }} end
{%- endmacro %}
