-- What a first version says about payment holds from its own day on.
with judged as (
    select
        *,
        case
            when status in ('incomplete', 'incomplete_expired') then 'incomplete'
            when status = 'trialing' then 'trialing'
            when valid_from < trial_ends_on and coalesce(valid_from >= trial_starts_on, true) then 'trialing'
            when status = 'unpaid' and coalesce(valid_from >= version_on, true) then 'unpaid'
            when
                is_paused
                and coalesce(valid_from >= coalesce(paused_on, version_on), true)
                and coalesce(valid_from < resumes_on, true)
                then 'paused'
            when full_amount is null then 'usage'
            else 'active'
        end as state,
        coalesce(discount_duration, 'repeating') <> 'once'
        and coalesce(valid_from >= discount_starts_on, true)
        and coalesce(valid_from < discount_ends_on, true) as is_discounted
    from {{ ref('int_billing__item_pieces') }}
)

select
    *,
    case
        when state <> 'active' then cast(0 as decimal(18, 4))
        when is_discounted then {{ after_discount() }}
        else full_amount
    end as monthly_amount
from judged
