{# Everything that another engine writes differently lives here and nowhere else.
   tests/unit/test_portable_sql.py holds the models to that. #}

{% macro days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{# Months that are over; the last day of a short month ends one that began on the 31st. #}
{% macro whole_months_between(earlier, later) -%}
    datesub('month', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro days_before(day, days) -%}
    cast({{ day }} - interval {{ days }} day as date)
{%- endmacro %}

{# How many of the last days up to a date, 63 at most, a group of rows has: a bit for each
   day. To count distinct values of a large table costs more than all else of a model. #}
{% macro count_of_days(day, as_of, days) -%}
    cast(coalesce(bit_count(bit_or(1::bigint << case
        when date_diff('day', {{ day }}, {{ as_of }}) between 0 and {{ days - 1 }}
            then date_diff('day', {{ day }}, {{ as_of }})
    end)), 0) as bigint)
{%- endmacro %}

{% macro months_before(day, months) -%}
    cast({{ day }} - interval {{ months }} month as date)
{%- endmacro %}

{% macro months_after(day, months) -%}
    cast({{ day }} + to_months({{ months }}) as date)
{%- endmacro %}

{% macro minutes_before(at, minutes) -%}
    ({{ at }} - interval {{ minutes }} minute)
{%- endmacro %}

{% macro minutes_after(at, minutes) -%}
    ({{ at }} + interval {{ minutes }} minute)
{%- endmacro %}

{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{% macro last_day_of_month(day) -%}
    cast(last_day({{ day }}) as date)
{%- endmacro %}

{# The business day of a UTC time, in the time zone of the night. A look at the calendar of
   a time zone costs more than reading an event does. #}
{% macro business_day(at) -%}
    cast(case
        when (select timezone from {{ source('night', 'control') }}) = 'UTC' then {{ at }}
        else cast(timezone((select timezone from {{ source('night', 'control') }}), timezone('UTC', {{ at }})) as timestamp)
    end as date)
{%- endmacro %}

{# The hour of the business day, 0 to 23. #}
{% macro business_hour(at) -%}
    date_part('hour', case
        when (select timezone from {{ source('night', 'control') }}) = 'UTC' then {{ at }}
        else cast(timezone((select timezone from {{ source('night', 'control') }}), timezone('UTC', {{ at }})) as timestamp)
    end)
{%- endmacro %}

{# Slots as long as the gap that ends a session: two neighbours inside one slot are never
   further apart, so sessions can be cut on slots and stay exact. #}
{% macro slot_of(at, minutes) -%}
    cast(floor(epoch({{ at }})) as bigint) // (60 * {{ minutes }})
{%- endmacro %}

{# One number by which events are put in order: by time, ties by the number of the id. The
   engine compares it ten times as fast as in_order(). #}
{% macro event_order(at, number) -%}
    (cast(epoch_us({{ at }}) as hugeint) * 18446744073709551616::hugeint + coalesce({{ number }}, 0))
{%- endmacro %}

{# The texts of a group as a sorted list with repetitions; NULL when there are none. #}
{% macro sorted_texts(text) -%}
    list_sort(array_agg({{ text }}) filter (where {{ text }} is not null))
{%- endmacro %}

{# One row per text of a list. #}
{% macro each_text(texts) -%}
    unnest({{ texts }})
{%- endmacro %}

{# Whether a pattern is found in a text. #}
{% macro is_found(pattern, text) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{# The name in a host of the form name.tld or name.co.tld; empty for any other host. #}
{% macro name_of_host(host) -%}
    regexp_extract({{ host }}, '^(?:m\.)?([a-z0-9-]+)\.(?:com?\.)?[a-z]+$', 1)
{%- endmacro %}

{# One row per first day of month from `first_month` to `last_month`. #}
{% macro months(first_month, last_month) -%}
    unnest(generate_series({{ first_month }}, {{ last_month }}, interval 1 month))
{%- endmacro %}

{# The linear-interpolated quantile (type 7 of Hyndman and Fan 1996). #}
{% macro quantile(column, probability) -%}
    quantile_cont({{ column }}, {{ probability }})
{%- endmacro %}

{# Turns columns into rows (name, value); NULL values are kept. #}
{% macro columns_to_rows(relation, columns, name, value) -%}
    (from {{ relation }} unpivot include nulls ({{ value }} for {{ name }} in ({{ columns | join(', ') }})))
{%- endmacro %}

{# Every column of a relation but these. #}
{% macro all_but(relation, columns) -%}
    {{ relation }}.* exclude ({{ columns | join(', ') }})
{%- endmacro %}

{% macro stable_key(prefix, text) -%}
    '{{ prefix }}' || left(md5({{ text }}), 16)
{%- endmacro %}

{# Orders by time, ties by id. #}
{% macro in_order(at, id) -%}
    struct_pack(at := {{ at }}, id := {{ id }})
{%- endmacro %}

{# Where a text falls between 0 and 1, the same on every machine and every night. #}
{% macro share_of_all(text) -%}
    (cast('0x' || left(md5({{ text }}), 8) as bigint) / 4294967296.0)
{%- endmacro %}

{# Earlier than every date of a business. #}
{% macro beginning_of_time() -%}
    cast('1900-01-01' as date)
{%- endmacro %}

{# Later than every date of a business. #}
{% macro end_of_time() -%}
    cast('9999-12-31' as date)
{%- endmacro %}

{# Rejected bytes as text. #}
{% macro text_of(bytes) -%}
    coalesce(try(decode({{ bytes }})), cast({{ bytes }} as varchar))
{%- endmacro %}

{# Text without e-mail addresses and numbers that may be phones, by the rule of
   dagster_project/ingest/masking.py; tests/unit/ingest/test_masking.py compares them. #}
{% macro masked(text) -%}
    regexp_replace(
        regexp_replace({{ text }}, '[^\s",;<>\\=&?/#:]+(?:@|%40|%2540)[^\s",;<>\\=&?/#:]+', '<e-mail>', 'g'),
        '\+[0-9](?:[ \x{a0}\x{2009}\x{2011}\x{2013}()/.-]{0,3}[0-9]){6,}|[0-9](?:[ \x{a0}\x{2009}\x{2011}\x{2013}()/.-]{0,3}[0-9]){8,}',
        '<number>', 'g'
    )
{%- endmacro %}

{# The number that a text is, else NULL. #}
{% macro as_number(text) -%}
    try_cast({{ text }} as decimal(18, 4))
{%- endmacro %}
