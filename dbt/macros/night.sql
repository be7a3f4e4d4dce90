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

{# An amount in the reporting currency; NULL when its rate is not known. The wide type is
   for amounts of a million and more: a product of narrow decimals has no room for them. #}
{% macro in_reporting_currency(amount, rate) -%}
    cast(round(cast({{ amount }} as decimal(28, 6)) * {{ rate }}, 2) as decimal(18, 2))
{%- endmacro %}

{# Every version of an id with the days on which it was the one that was known: from
   known_on until before superseded_on. With it a feature of a past day sees what was
   known on that day, and nothing of what was written later. #}
{% macro versions_of(feed, ids, known_on) -%}
    select
        *,
        min(known_on) over (
            partition by {{ ids }}
            order by _version_at desc nulls last, _received desc, _file_id desc, _line desc
            rows between unbounded preceding and 1 preceding
        ) as superseded_on
    from (
        select
            *,
            {{ known_on }} as known_on
        from {{ source('raw', feed) }}
    ) as versions
    where known_on <= {{ tonight() }}
{%- endmacro %}

{% macro is_known(rows, day) -%}
    {{ rows }}.known_on <= {{ day }}
    and coalesce({{ rows }}.superseded_on > {{ day }}, true)
{%- endmacro %}

{# The day of a version; one that does not say it has always been known. #}
{% macro version_day(at) -%}
    coalesce({{ business_day(at) }}, {{ beginning_of_time() }})
{%- endmacro %}
