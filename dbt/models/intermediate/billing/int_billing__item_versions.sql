with items as (
    select
        *,
        {{ per_month('unit_amount * quantity') }} as full_amount
    from {{ ref('stg_billing__subscription_items') }}
),

versions as (
    select
        subscription_id,
        version_on,
        lead(version_on) over in_time as next_version_on,
        row_number() over in_time = 1 as is_first
    from (select distinct subscription_id, version_on from items)
    window in_time as (partition by subscription_id order by version_on nulls first)
),

-- How a subscription ended is known to its latest version, and holds for all.
ends as (
    select
        subscription_id,
        case
            when status in ('canceled', 'incomplete_expired') then coalesce(ended_on, version_on, started_on)
            else ended_on
        end as ended_on
    from items
    qualify
        row_number() over (partition by subscription_id order by version_on desc nulls last, ended_on, item_id) = 1
),

bounded as (
    select
        items.*,
        sum(case when items.amount_off is not null then items.full_amount end) over (
            partition by items.subscription_id, items.version_on
        ) as discounted_amount,
        case
            when versions.is_first then items.started_on
            else greatest(items.version_on, items.started_on)
        end as begins_on,
        least(
            coalesce(versions.next_version_on, {{ end_of_time() }}),
            coalesce(ends.ended_on, {{ end_of_time() }}),
            coalesce(items.cancels_on, {{ end_of_time() }}),
            case
                when items.ends_with_its_period
                    then coalesce(items.current_period_ends_on, {{ end_of_time() }})
                else {{ end_of_time() }}
            end
        ) as ends_before
    from items
    inner join versions
        on
            items.subscription_id = versions.subscription_id
            and items.version_on is not distinct from versions.version_on
    inner join ends on items.subscription_id = ends.subscription_id
)

select * from bounded
where begins_on < ends_before
