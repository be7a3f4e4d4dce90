-- Month-ends of tonight, and those of earlier nights that tonight does not compute again.
with month_ends as (
    select * from {{ ref('customer_features_spine') }}
    where as_of_date = {{ last_day_of_month('as_of_date') }}
),

earlier as (
    select * from {{ source('release', 'customer_features_monthly') }}
    where month_end not in (select as_of_date from month_ends)
)

{% for rows, month_end in [('month_ends', 'as_of_date'), ('earlier', 'month_end')] %}
select
    {% for column, type in feature_columns().items() %}
    cast({{ tonight() if column == 'as_of_date' else column }} as {{ type }}) as {{ column }},
    {% endfor %}
    {{ month_end }} as month_end
from {{ rows }}
{{ 'union all' if not loop.last }}
{% endfor %}
