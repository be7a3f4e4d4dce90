-- The columns of customer_features whose meta lists their words, all in one look.
{% set columns = graph.nodes['model.' ~ project_name ~ '.customer_features'].columns.values() if execute else [] %}

with faults as (
    select
        customer_id,
        coalesce(
            {% for column in columns if column.config.meta.words %}
            case
                when {{ column.name }} not in ('{{ column.config.meta.words | join("', '") }}')
                    then '{{ column.name }}: ' || {{ column.name }}
            end,
            {% endfor %}
            cast(null as varchar)
        ) as fault
    from {{ ref('customer_features') }}
)

select * from faults
where fault is not null
