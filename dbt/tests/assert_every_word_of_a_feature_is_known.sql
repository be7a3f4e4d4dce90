-- The columns of customer_features whose meta lists their words, all in one look.
{% set columns = graph.nodes['model.' ~ project_name ~ '.customer_features'].columns.values() if execute else [] %}

select customer_id
from {{ ref('customer_features') }}
where
    false
    {% for column in columns if column.config.meta.words %}
    or {{ column.name }} not in ('{{ column.config.meta.words | join("', '") }}')
    {% endfor %}
