{# The groups of features. A new group is a line here; its model has one row per row of
   customer_spine and says itself what a missing row means. #}

{# What was seen. #}
{% macro measured_groups() %}
    {{ return([
        'revenue_features',
        'order_features',
        'order_rhythm',
        'product_features',
        'profit_features',
        'payment_features',
        'tenure_features',
        'web_features',
        'session_features',
        'interest_features',
        'technology_features',
        'survey_features',
        'profile_features',
        'firm_features',
        'place_features',
        'support_features',
        'campaign_features',
    ]) }}
{% endmacro %}

{# What follows from several groups. #}
{% macro derived_groups() %}
    {{ return(['lifecycle', 'engagement', 'rfm_scores', 'profit_concentration']) }}
{% endmacro %}

{# What fitted models say of a customer, as of tonight only. #}
{% macro scored_groups() %}
    {{ return(['value_features', 'risk_features', 'health_features']) }}
{% endmacro %}

{# The columns that customer_features.yml declares, with their types; those of one group
   when it is named. The yml is the only list of features. #}
{% macro feature_columns(group=none) %}
    {% set found = {} %}
    {% if execute and 'nodes' in graph %}
        {% set name = 'model.' ~ project_name ~ '.customer_features' %}
        {% for column in graph.nodes[name].columns.values() %}
            {% if group is none or column.config.meta.group == group %}
                {% do found.update({column.name: column.data_type}) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{# 0 when the feed was delivered and nothing happened; NULL when nobody can know. #}
{% macro known_zero(value, is_known) -%}
    case when {{ is_known }} then coalesce({{ value }}, 0) end
{%- endmacro %}

{# The share of the columns that are known, 0 to 1. #}
{% macro coverage(columns) -%}
    cast((
        {%- for column in columns %}
        case when {{ column }} is null then 0 else 1 end{{ ' + ' if not loop.last }}
        {%- endfor %}
    ) / {{ [columns | length, 1] | max }}.0 as decimal(5, 4))
{%- endmacro %}

{# The whole weeks that lie between a day and the as-of date; 0 is the latest week. #}
{% macro weeks_ago(day, as_of) -%}
    cast(floor({{ days_between(day, as_of) }} / 7.0) as integer)
{%- endmacro %}

{# Ordinary least-squares slope per week over the last 8 weeks, an empty week being 0.
   With x = 7 - weeks ago, the slope is sum((x - 3.5) * y) / 42. #}
{% macro slope_8w(value, weeks_ago) -%}
    coalesce(sum(case when {{ weeks_ago }} between 0 and 7 then (3.5 - {{ weeks_ago }}) * {{ value }} end), 0) / 42
{%- endmacro %}

{# Whether a slope of 8 weekly counts is more than chance: rising or falling when its t
   statistic, the slope over its standard error with 6 degrees of freedom, is beyond the
   threshold. `total`: sum(y), `squares`: sum(y * y), `slope`: as above, each over 8 weeks. #}
{% macro trend_8w(total, squares, slope) -%}
    case
        when 252 * {{ slope }} * {{ slope }} <= {{ threshold('trend_t_value') }} * {{ threshold('trend_t_value') }}
            * greatest({{ squares }} - {{ total }} * {{ total }} / 8.0 - 42 * {{ slope }} * {{ slope }}, 0)
            then 'flat'
        when {{ slope }} > 0 then 'rising'
        when {{ slope }} < 0 then 'falling'
    end
{%- endmacro %}

{# desktop, mobile, tablet or other, whatever the tracker calls it. #}
{% macro device_class(word) -%}
    case
        when {{ word }} is null then null
        when lower({{ word }}) like '%tablet%' or lower({{ word }}) like '%ipad%' then 'tablet'
        when lower({{ word }}) like '%mobile%' or lower({{ word }}) like '%phone%' then 'mobile'
        when lower({{ word }}) in ('desktop', 'pc', 'computer', 'laptop', 'web', 'personal computer') then 'desktop'
        else 'other'
    end
{%- endmacro %}

{# 1 to 5 by the four cut points, which belong to the lower score. #}
{% macro quintile(value, cuts) -%}
    case
        when {{ value }} <= {{ cuts }}.q20 then 1
        when {{ value }} <= {{ cuts }}.q40 then 2
        when {{ value }} <= {{ cuts }}.q60 then 3
        when {{ value }} <= {{ cuts }}.q80 then 4
        when {{ value }} is not null then 5
    end
{%- endmacro %}

{# Joins the web of a visitor on a day with the customer that it counts for. #}
{% macro visitor_is_customer(rows, day) -%}
    {{ rows }}.anonymous_id is not distinct from visitor_customers.anonymous_id
    and {{ rows }}.user_id is not distinct from visitor_customers.user_id
    and {{ rows }}.{{ day }} >= visitor_customers.valid_from
    and {{ rows }}.{{ day }} < visitor_customers.valid_to
{%- endmacro %}
