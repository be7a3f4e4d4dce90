{{ config(materialized='view', group='scores') }}

-- Models are fitted for tonight: at earlier dates their columns are not known.
with features as (
    select
        states.*,
        {% for model in scored_groups() %}
        {{ all_but(model, ['customer_id', 'as_of_date']) }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('customer_states') }} as states
    {% for model in scored_groups() %}
    left join {{ ref(model) }} as {{ model }}
        on
            states.customer_id = {{ model }}.customer_id
            and states.as_of_date = {{ model }}.as_of_date
    {% endfor %}
)

select
    features.*,
    {% for column in feature_columns('coverage') %}
    {{ coverage(feature_columns(column | replace('_coverage', ''))) }} as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from features
