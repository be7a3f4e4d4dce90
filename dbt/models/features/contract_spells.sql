-- A change of plan ends a period and no contract; neither does a short gap.
with periods as (
    select
        customer_id,
        starts_on,
        coalesce(ends_on, {{ end_of_time() }}) as until,
        monthly_amount
    from {{ ref('int_customers__subscriptions') }}
    where starts_on <= {{ tonight() }} and monthly_amount > 0
),

seen as (
    select
        *,
        max(until) over (
            partition by customer_id order by starts_on, until
            rows between unbounded preceding and 1 preceding
        ) as paid_until
    from periods
),

numbered as (
    select
        *,
        sum(
            case
                when {{ days_between('paid_until', 'starts_on') }} <= {{ threshold('clv_contract_gap_days') }} then 0
                else 1
            end
        ) over (
            partition by customer_id order by starts_on, until
            rows between unbounded preceding and current row
        ) as spell
    from seen
),

spells as (
    select
        customer_id,
        spell,
        min(starts_on) as starts_on,
        max(until) as until,
        max(until) <= {{ tonight() }} as has_ended,
        sum(monthly_amount * {{ days_between('starts_on', 'least(until, ' ~ tonight() ~ ')') }}) * 12 / 365.25 as paid
    from numbered
    group by customer_id, spell
)

-- A contract that began on the 15th and ended on the 15th three months later was given
-- up at its third renewal; one that still runs then has survived three.
select
    customer_id,
    {{ tonight() }} as as_of_date,
    cast(spell as bigint) as spell,
    starts_on,
    nullif(until, {{ end_of_time() }}) as ends_on,
    has_ended,
    case
        when has_ended then {{ whole_months_between('starts_on', days_before('until', 1)) }} + 1
        else {{ whole_months_between('starts_on', tonight()) }}
    end as renewals,
    case
        when has_ended then 0
        else least(
            12, {{ whole_months_between('starts_on', days_before('until', 1)) }}
            - {{ whole_months_between('starts_on', tonight()) }}
        )
    end as renewals_ahead,
    cast(paid as decimal(18, 2)) as paid
from spells
