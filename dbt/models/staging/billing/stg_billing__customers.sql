with latest_version as (
    select
        ----------  ids
        billing_customer_id,
        user_id,
        email_hash,
        phone_hash,
        account_id,

        ----------  times
        created_at,
        coalesce({{ business_day('created_at') }}, {{ tonight() }}) as created_on,

        ----------  text
        country,
        region,
        city,
        currency
    from {{ source('raw', 'billing_customers') }}
    where created_at is null or {{ business_day('created_at') }} <= {{ tonight() }}
    qualify {{ winning_version('billing_customer_id') }}
)

select * from latest_version
