with bins as (
    select
        champion_id,
        fitted_on,
        cast(substr(name, 5, 2) as integer) as bin,
        substr(name, 8) as measure,
        value
    from {{ source('scores', 'score_models') }}
    where model = 'churn' and kind = 'metric' and name like 'bin%'
)

select
    {{ tonight() }} as as_of_date,
    'churn' as model,
    champion_id,
    fitted_on,
    bin,
    cast(max(value) filter (where measure = 'rows') as bigint) as customers,
    cast(round(max(value) filter (where measure = 'predicted'), 6) as decimal(9, 6)) as predicted,
    cast(round(max(value) filter (where measure = 'observed'), 6) as decimal(9, 6)) as observed
from bins
group by champion_id, fitted_on, bin
