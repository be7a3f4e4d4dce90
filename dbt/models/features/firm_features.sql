-- The firm as the CRM knew it on the day: the customer's account, else that of the primary
-- person's contact.
with accounts as (
    {{ versions_of('accounts', 'account_id', version_day('_version_at')) }}
)

select
    profile.customer_id,
    profile.as_of_date,
    accounts.industry,
    {{ word_or_other('verticals', 'accounts.industry') }} as industry_vertical,
    accounts.parent_account_id,
    accounts.employees,
    case
        when accounts.employees >= {{ threshold('large_company_from_employees') }} then 'large'
        when accounts.employees >= {{ threshold('medium_company_from_employees') }} then 'medium'
        when accounts.employees >= {{ threshold('small_company_from_employees') }} then 'small'
        when accounts.employees >= 0 then 'micro'
    end as company_size,
    cast(accounts.annual_revenue as decimal(18, 2)) as annual_revenue,
    cast(accounts.services_revenue as decimal(18, 2)) as services_revenue,
    cast(accounts.rd_budget as decimal(18, 2)) as rd_budget,
    case
        when accounts.annual_revenue >= {{ threshold('high_buying_power_from') }} then 'high'
        when accounts.annual_revenue >= {{ threshold('medium_buying_power_from') }} then 'medium'
        when accounts.annual_revenue >= 0 then 'low'
    end as buying_power,
    accounts.locations,
    accounts.country as account_country
from {{ ref('profile_features') }} as profile
inner join {{ ref('customer_spine') }} as spine
    on profile.customer_id = spine.customer_id and profile.as_of_date = spine.as_of_date
left join accounts
    on
        coalesce(spine.account_id, profile.contact_account_id) = accounts.account_id
        and {{ is_known('accounts', 'spine.as_of_date') }}
{{ join_word('verticals', 'industry', 'accounts.industry') }}
