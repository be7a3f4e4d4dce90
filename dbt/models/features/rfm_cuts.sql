{% set metrics = ['recency_days', 'orders_total', 'monetary'] %}
{% set shares = {'q20': 0.2, 'q40': 0.4, 'q60': 0.6, 'q80': 0.8} %}
with buyers as (
    {% for metric in metrics %}
    select as_of_date, '{{ metric }}' as metric, cast({{ metric }} as double) as value
    from {{ ref('order_features') }}
    where orders_total > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Rounded up to whole days, orders and units of money.
moved_q100 as (
    select
        as_of_date,
        metric,
        {% for cut, share in shares.items() %}
        ceil({{ quantile('value', share) }}) as {{ cut }},
        {% endfor %}
        max(value) as q100,
        as_of_date as fitted_on,
        count(*) as fitted_customers
    from buyers
    group by as_of_date, metric
),

levels as (
    select
        *,
        lag(value) over (partition by as_of_date, metric order by value) as below
    from (select distinct as_of_date, metric, value from buyers) as distinct_values
),

-- From the top: where nobody lies between a cut point and the one above it, because many
-- share one value, it moves below that value.
{% for cut, above in [('q80', 'q100'), ('q60', 'q80'), ('q40', 'q60'), ('q20', 'q40')] %}
highest_{{ cut }} as (
    select
        cuts.as_of_date,
        cuts.metric,
        max(levels.value) as highest,
        max_by(levels.below, levels.value) as below
    from moved_{{ above }} as cuts
    inner join levels
        on
            cuts.as_of_date = levels.as_of_date
            and cuts.metric = levels.metric
            and levels.value <= cuts.{{ above }}
    group by cuts.as_of_date, cuts.metric
),

moved_{{ cut }} as (
    select
        {{ all_but('cuts', [cut]) }},
        case
            when cuts.{{ cut }} < tops.highest then cuts.{{ cut }}
            else coalesce(tops.below, cuts.{{ above }})
        end as {{ cut }}
    from moved_{{ above }} as cuts
    inner join highest_{{ cut }} as tops
        on cuts.as_of_date = tops.as_of_date and cuts.metric = tops.metric
),

{% endfor %}
kept as (
    select {{ tonight() }} as as_of_date, metric, q20, q40, q60, q80, fitted_on, fitted_customers
    from {{ source('release', 'rfm_cut_points') }}
    where {{ days_between('fitted_on', tonight()) }} < {{ threshold('rfm_refit_after_days') }}
)

select * from kept
union all
select as_of_date, metric, q20, q40, q60, q80, fitted_on, fitted_customers
from moved_q20
where as_of_date < {{ tonight() }} or not exists (select 1 from kept)
