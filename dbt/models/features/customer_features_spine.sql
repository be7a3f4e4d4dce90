{{ config(materialized='view', group='scores') }}

with features as (
    select * from {{ ref('customer_states') }}
)

select
    features.*,
    {% for column in feature_columns('coverage') %}
    {{ coverage(feature_columns(column | replace('_coverage', ''))) }} as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from features
