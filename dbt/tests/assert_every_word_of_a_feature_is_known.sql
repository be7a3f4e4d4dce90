-- The columns of customer_features whose meta lists their words, all in one look.
with faults as (
    select
        customer_id,
        coalesce(
            {% for column, words in feature_words().items() %}
            case
                when {{ column }} not in ('{{ words | join("', '") }}')
                    then '{{ column }}: ' || {{ column }}
            end,
            {% endfor %}
            cast(null as varchar), cast(null as varchar)
        ) as fault
    from {{ ref('customer_features') }}
)

select * from faults
where fault is not null
