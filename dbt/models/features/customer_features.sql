{{ config(group='scores') }}

-- The columns, their order and their types are those of the yml beside this file.
select
    {% for column, type in feature_columns().items() %}
    cast({{ column }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_features_spine') }}
where is_tonight
