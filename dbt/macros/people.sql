{# Who did something, and what he said. #}

{# Joins rows that name somebody with the customer on the day of the row: the person of
   the user id, else of the address, else (with billing) the billing customer. #}
{% macro join_customers(rows, day, billing) -%}
left join {{ ref('int_identity__persons') }} as by_user
    on by_user.id_type = 'user_id' and {{ rows }}.user_id = by_user.id_value
left join {{ ref('int_identity__persons') }} as by_email
    on by_email.id_type = 'email_hash' and {{ rows }}.email_hash = by_email.id_value
left join {{ ref('int_identity__person_customers') }} as by_person
    on
        coalesce(by_user.person_id, by_email.person_id) = by_person.person_id
        and {{ rows }}.{{ day }} >= by_person.valid_from
        and {{ rows }}.{{ day }} < by_person.valid_to
{%- if billing %}
left join {{ ref('int_identity__billing_persons') }} as billing_persons
    on {{ rows }}.billing_customer_id = billing_persons.billing_customer_id
left join {{ ref('int_identity__customers') }} as by_billing
    on billing_persons.unit = by_billing.unit
{%- endif %}
{%- endmacro %}

{# A text as the seed word_lists writes it. #}
{% macro as_word(text) -%}
    replace(replace(lower(trim({{ text }})), ' ', '_'), '-', '_')
{%- endmacro %}

{# Our word for a text, by a list of the seed word_lists. #}
{% macro join_word(alias, list, text) -%}
left join {{ ref('word_lists') }} as {{ alias }}
    on {{ alias }}.list = '{{ list }}' and {{ as_word(text) }} = {{ alias }}.said
{%- endmacro %}

{# The word of a text; `other` for one that the list does not have. #}
{% macro word_or_other(alias, text) -%}
    case when {{ text }} is not null then coalesce({{ alias }}.word, 'other') end
{%- endmacro %}
