with control as (
    select * from {{ source('night', 'control') }}
),

rates as (
    select
        currency,
        valid_from,
        per_euro,
        coalesce(
            lead(valid_from) over (partition by currency order by valid_from),
            {{ end_of_time() }}
        ) as valid_to
    from {{ ref('fx_rates') }}
),

reporting_rates as (
    select rates.* from rates
    inner join control on rates.currency = control.reporting_currency
)

-- The reporting currency needs no rate.
select
    reporting_currency as currency,
    {{ beginning_of_time() }} as valid_from,
    {{ end_of_time() }} as valid_to,
    cast(1 as decimal(18, 8)) as rate
from control
union all
select
    rates.currency,
    greatest(rates.valid_from, reporting_rates.valid_from),
    least(rates.valid_to, reporting_rates.valid_to),
    cast(reporting_rates.per_euro / rates.per_euro as decimal(18, 8))
from rates
inner join reporting_rates
    on
        rates.valid_from < reporting_rates.valid_to
        and reporting_rates.valid_from < rates.valid_to
where rates.currency <> reporting_rates.currency
