{{ config(materialized='view') }}

-- What follows from several groups of measures.
select
    measures.*,
    {% for model in derived_groups() %}
    {{ all_but(model, ['customer_id', 'as_of_date']) }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_measures') }} as measures
{% for model in derived_groups() %}
left join {{ ref(model) }} as {{ model }}
    on
        measures.customer_id = {{ model }}.customer_id
        and measures.as_of_date = {{ model }}.as_of_date
{% endfor %}
