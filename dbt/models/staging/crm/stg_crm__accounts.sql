with latest_version as (
    select
        ----------  ids
        account_id,
        parent_account_id,

        ----------  text
        industry,
        country,
        owner,

        ----------  size
        employees,
        locations,
        annual_revenue,
        services_revenue,
        rd_budget
    from {{ source('raw', 'accounts') }}
    qualify {{ winning_version('account_id') }}
)

select * from latest_version
