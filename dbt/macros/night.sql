{# Time comes from the control tables and nowhere else. #}
{% macro tonight() -%}
    (select as_of_date from {{ source('night', 'control') }})
{%- endmacro %}

{% macro feed_is_present(feed) -%}
    (select is_present from {{ source('night', 'feeds') }} where feed = '{{ feed }}')
{%- endmacro %}

{# Both kinds of subscriptions say what a customer pays per month. #}
{% macro subscriptions_are_present() -%}
    exists (
        select 1 from {{ source('night', 'feeds') }}
        where feed in ('subscriptions', 'subscription_items') and is_present
    )
{%- endmacro %}

{# Without both nobody can say who pays. #}
{% macro money_is_known() -%}
    ({{ subscriptions_are_present() }} or {{ feed_is_present('invoice_lines') }})
{%- endmacro %}

{% macro threshold(name) -%}
    (select value from {{ ref('thresholds') }} where threshold = '{{ name }}')
{%- endmacro %}

{# The winning version of each id: the latest version, else the latest delivery. #}
{% macro winning_version(ids) -%}
    row_number() over (
        partition by {{ ids }}
        order by _version_at desc nulls last, _received desc, _file_id desc, _line desc
    ) = 1
{%- endmacro %}

{# An amount in the reporting currency; NULL when its rate is not known. #}
{% macro in_reporting_currency(amount, rate) -%}
    cast(round({{ amount }} * {{ rate }}, 2) as decimal(18, 2))
{%- endmacro %}
