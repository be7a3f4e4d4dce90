-- Customers of whom a file of tonight says something about a day that an earlier release
-- has already described.
with new_files as (
    select file_id from {{ source('night', 'files') }}
    where is_new
),

published as (
    select predecessor_as_of from {{ source('night', 'control') }}
),

late_billing as (
    select distinct billing_customer_id
    from {{ source('raw', 'invoice_lines') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('invoiced_at') }} <= (select predecessor_as_of from published)
    union
    select distinct billing_customer_id
    from {{ source('raw', 'subscriptions') }}
    where
        _file_id in (select file_id from new_files)
        and coalesce(ends_on, starts_on) <= (select predecessor_as_of from published)
    union
    select distinct billing_customer_id
    from {{ source('raw', 'subscription_items') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('coalesce(changed_at, _version_at)') }} <= (select predecessor_as_of from published)
    union
    select distinct billing_customer_id
    from {{ source('raw', 'payments') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('paid_at') }} <= (select predecessor_as_of from published)
    union
    select distinct billing_customer_id
    from {{ source('raw', 'survey_responses') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('submitted_at') }} <= (select predecessor_as_of from published)
    union
    select distinct billing_customer_id
    from {{ source('raw', 'tickets') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('coalesce(_version_at, opened_at)') }} <= (select predecessor_as_of from published)
),

late_users as (
    select distinct user_id, anonymous_id, cast(null as varchar) as email_hash
    from {{ source('raw', 'web_events') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('event_at') }} <= (select predecessor_as_of from published)
    union
    select distinct user_id, cast(null as varchar), email_hash
    from {{ source('raw', 'survey_responses') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('submitted_at') }} <= (select predecessor_as_of from published)
    union
    select distinct user_id, cast(null as varchar), email_hash
    from {{ source('raw', 'tickets') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('coalesce(_version_at, opened_at)') }} <= (select predecessor_as_of from published)
    union
    select distinct user_id, cast(null as varchar), email_hash
    from {{ source('raw', 'campaign_events') }}
    where
        _file_id in (select file_id from new_files)
        and {{ business_day('event_at') }} <= (select predecessor_as_of from published)
)

select customers.customer_id
from late_billing
inner join {{ ref('int_identity__billing_persons') }} as billing_persons
    on late_billing.billing_customer_id = billing_persons.billing_customer_id
inner join {{ ref('int_identity__customers') }} as customers
    on billing_persons.unit = customers.unit
union
select person_customers.customer_id
from late_users
inner join {{ ref('int_identity__persons') }} as persons
    on
        (persons.id_type = 'user_id' and late_users.user_id = persons.id_value)
        or (persons.id_type = 'anonymous_id' and late_users.anonymous_id = persons.id_value)
        or (persons.id_type = 'email_hash' and late_users.email_hash = persons.id_value)
inner join {{ ref('int_identity__person_customers') }} as person_customers
    on persons.person_id = person_customers.person_id
