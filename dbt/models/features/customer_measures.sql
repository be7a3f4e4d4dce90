-- What was seen, group by group: nothing here is derived from two groups.
select
    spine.*,
    {% for model in measured_groups() %}
    {{ all_but(model, ['customer_id', 'as_of_date']) }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_spine') }} as spine
{% for model in measured_groups() %}
inner join {{ ref(model) }} as {{ model }}
    on
        spine.customer_id = {{ model }}.customer_id
        and spine.as_of_date = {{ model }}.as_of_date
{% endfor %}
