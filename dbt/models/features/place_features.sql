-- The country of the latest visit, else of the billing address, else of the firm in the
-- CRM; all else by the billing address as it was known on the day.
with addresses as (
    {{ versions_of('billing_customers', 'billing_customer_id', version_day('coalesce(_version_at, created_at)')) }}
),

of_customers as (
    select
        customers.customer_id,
        as_of_dates.as_of_date,
        addresses.country as address_country,
        nullif(trim(addresses.region), '') as region,
        nullif(trim(addresses.city), '') as city,
        lower(trim(addresses.postal_code)) as postal_code
    from addresses
    inner join {{ source('night', 'as_of_dates') }} as as_of_dates
        on {{ is_known('addresses', 'as_of_dates.as_of_date') }}
    inner join {{ ref('int_identity__billing_persons') }} as billing_persons
        on addresses.billing_customer_id = billing_persons.billing_customer_id
    inner join {{ ref('int_identity__customers') }} as customers
        on billing_persons.unit = customers.unit
    qualify
        row_number() over (
            partition by customers.customer_id, as_of_dates.as_of_date
            order by addresses.created_at desc nulls last, addresses.billing_customer_id desc
        ) = 1
),

placed as (
    select
        spine.customer_id,
        spine.as_of_date,
        of_customers.region,
        of_customers.city,
        of_customers.postal_code,
        coalesce(by_address.word, by_web.word, by_account.word) as address_country,
        coalesce(by_web.word, by_address.word, by_account.word) as country
    from {{ ref('customer_spine') }} as spine
    inner join {{ ref('web_features') }} as web
        on spine.customer_id = web.customer_id and spine.as_of_date = web.as_of_date
    inner join {{ ref('firm_features') }} as firm
        on spine.customer_id = firm.customer_id and spine.as_of_date = firm.as_of_date
    left join of_customers
        on spine.customer_id = of_customers.customer_id and spine.as_of_date = of_customers.as_of_date
    {{ join_word('by_web', 'country', 'web.web_country') }}
    {{ join_word('by_address', 'country', 'of_customers.address_country') }}
    {{ join_word('by_account', 'country', 'firm.account_country') }}
)

select
    placed.customer_id,
    placed.as_of_date,
    placed.country,
    countries.region_group,
    placed.region,
    placed.city,
    cities.urbanicity,
    coalesce(cities.climate, address_countries.climate) as climate
from placed
left join {{ ref('countries') }} as countries on placed.country = countries.country
left join {{ ref('countries') }} as address_countries
    on placed.address_country = address_countries.country
left join {{ ref('cities') }} as cities
    on
        placed.address_country = cities.country
        and (
            lower(placed.city) = cities.city
            or placed.postal_code like lower(cities.postal_prefix) || '%'
        )
qualify
    row_number() over (
        partition by placed.customer_id, placed.as_of_date
        order by cities.city nulls last, length(cities.postal_prefix) desc nulls last
    ) = 1
