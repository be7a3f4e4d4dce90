with latest_version as (
    select
        ----------  ids
        subscription_id,
        billing_customer_id,
        plan_id,

        ----------  period, half-open
        starts_on,
        ends_on,

        ----------  what is paid
        coalesce(plan, plan_id) as plan,
        tier,
        monthly_amount,
        coalesce(currency, (select reporting_currency from {{ source('night', 'control') }})) as currency,
        quantity,
        status
    from {{ source('raw', 'subscriptions') }}
    where starts_on <= {{ tonight() }}
    qualify {{ winning_version('subscription_id') }}
)

select * from latest_version
