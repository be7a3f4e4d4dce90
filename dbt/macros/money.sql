{# A price per interval as an amount per month: a year has 12 months, 52 weeks, 365 days. #}
{% macro per_month(amount) -%}
    cast(round(
        cast({{ amount }} as double)
        * case interval when 'week' then 52 when 'day' then 365 else 1 end
        / (case interval when 'quarter' then 3 when 'month' then 1 else 12 end * interval_count), 4
    ) as decimal(18, 4))
{%- endmacro %}

{# The states of a subscription in which nothing is paid that could go on. #}
{% macro uncounted_statuses() -%}
    'trialing', 'incomplete', 'incomplete_expired', 'unpaid', 'paused', 'usage'
{%- endmacro %}

{# The monthly amount less the discount. An amount off belongs to the whole invoice, so
   each discounted item bears its share. #}
{% macro after_discount() -%}
    cast(greatest(0, round(
        full_amount * (1 - coalesce(percent_off, 0) / 100)
        - coalesce(
            {{ per_month('amount_off') }} * cast(full_amount as double) / nullif(discounted_amount, 0), 0
        ), 4
    )) as decimal(18, 4))
{%- endmacro %}
