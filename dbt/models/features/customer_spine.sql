with as_of_dates as (
    select * from {{ source('night', 'as_of_dates') }}
),

customers as (
    select * from {{ ref('int_identity__customers') }}
),

billing as (
    select
        unit,
        min(created_on) as billing_known_on,
        max_by(currency, {{ in_order('created_at', 'billing_customer_id') }}) as currency,
        max_by(country, {{ in_order('created_at', 'billing_customer_id') }}) as billing_country,
        max_by(region, {{ in_order('created_at', 'billing_customer_id') }}) as billing_region
    from {{ ref('int_identity__billing_persons') }}
    group by unit
),

seen as (
    select
        person_id,
        min(first_seen_at) as first_seen_at,
        min(case when id_type in ('user_id', 'anonymous_id') then first_seen_at end) as web_known_at
    from {{ ref('int_identity__persons') }}
    group by person_id
),

persons as (
    select
        person_id,
        {{ business_day('first_seen_at') }} as first_seen_on,
        {{ business_day('web_known_at') }} as web_known_on
    from seen
),

-- The people whom a customer had on the day, as far as they had been seen.
people as (
    select
        person_customers.customer_id,
        as_of_dates.as_of_date,
        min(persons.web_known_on) as web_known_on,
        count(distinct person_customers.person_id) as people_count
    from as_of_dates
    inner join {{ ref('int_identity__person_customers') }} as person_customers
        on
            as_of_dates.as_of_date >= person_customers.valid_from
            and as_of_dates.as_of_date < person_customers.valid_to
    inner join persons
        on
            person_customers.person_id = persons.person_id
            and as_of_dates.as_of_date >= persons.first_seen_on
    group by person_customers.customer_id, as_of_dates.as_of_date
)

-- Nobody has a feature before the first day on which he was seen.
select
    customers.customer_id,
    as_of_dates.as_of_date,
    as_of_dates.is_tonight,
    customers.account_id,
    primary_people.person_id as primary_person_id,
    coalesce(people.people_count, 0) as people_count,
    customers.first_seen_on,
    billing.currency,
    billing.billing_country,
    billing.billing_region,
    coalesce(billing.billing_known_on <= as_of_dates.as_of_date, false) as is_billing_customer,
    {{ subscriptions_are_present() }}
    and coalesce(billing.billing_known_on <= as_of_dates.as_of_date, false) as mrr_is_known,
    {{ feed_is_present('invoice_lines') }}
    and coalesce(billing.billing_known_on <= as_of_dates.as_of_date, false) as orders_are_known,
    {{ feed_is_present('payments') }}
    and coalesce(billing.billing_known_on <= as_of_dates.as_of_date, false) as payments_are_known,
    {{ feed_is_present('web_events') }}
    and coalesce(people.web_known_on <= as_of_dates.as_of_date, false) as web_is_known,
    {{ feed_is_present('survey_responses') }} as survey_is_known
from customers
cross join as_of_dates
left join billing on customers.unit = billing.unit
left join people
    on customers.customer_id = people.customer_id and as_of_dates.as_of_date = people.as_of_date
left join {{ ref('primary_people') }} as primary_people
    on customers.customer_id = primary_people.customer_id and primary_people.is_primary
where customers.first_seen_on <= as_of_dates.as_of_date
