"""The obvious form of each step of the features, and the plain scan, as SQL."""

COLUMNS = """event_id, anonymous_id, user_id, email_hash, phone_hash, account_id,
session_id, product_id, category, event_at, event_type, event_name, url, referrer,
utm_source, utm_medium, utm_campaign, device_type, os, browser, country, search_term,
feature"""
READ = f"select {', '.join(f'count({c})' for c in COLUMNS.split(','))} from ({{}})"

FIRST_DELIVERY = f"""
select {COLUMNS} from raw.web_events
qualify row_number() over (
    partition by event_id order by received_at nulls last, _file_id, _line
) = 1
"""

TWO_WINDOWS = """
with marked as (
    select *, coalesce(
        event_at - lag(event_at) over (
            partition by visitor_id order by event_at, event_id
        ) > interval 30 minute, true) as begins
    from (select *, coalesce(anonymous_id, user_id) as visitor_id from events)
),

numbered as (
    select *, sum(begins::int) over (
        partition by visitor_id order by event_at, event_id) as session_number
    from marked
)

select visitor_id, session_number, min(event_at), max(event_at), count(*),
    count(*) filter (where event_type = 'page'), arg_min(url, event_at),
    arg_min(utm_source, event_at), max(user_id)
from numbered group by visitor_id, session_number
"""

DISTINCT_DAYS = """
select anonymous_id, user_id, count(*), count(distinct cast(event_at as date)),
    count(distinct feature), max(event_at)
from events group by anonymous_id, user_id
"""
FROM_DAYS = """
select anonymous_id, user_id, sum(events), count(distinct activity_on),
    max(last_event_at)
from int_web__daily_activity group by anonymous_id, user_id
"""

EVERY_MONTH = """
with months as (
    select customer_id, unnest(generate_series(
        date '2025-07-01', date '2026-06-01', interval 1 month))::date as month
    from (select distinct customer_id from periods)
),

monthly as (
    select customer_id, month, coalesce(sum(monthly_amount), 0) as mrr
    from months left join periods using (customer_id)
    where starts_on <= last_day(month) and coalesce(ends_on > last_day(month), true)
    group by all
)

select *, lag(mrr) over (partition by customer_id order by month) as before from monthly
"""
CHANGES = """
with changes as (
    select customer_id, starts_on as changed_on, monthly_amount as amount from periods
    union all
    select customer_id, ends_on, -monthly_amount from periods where ends_on is not null
),

monthly as (
    select customer_id, date_trunc('month', changed_on) as month, sum(amount) as amount
    from changes group by all
)

select *, sum(amount) over (partition by customer_id order by month) as mrr from monthly
"""
