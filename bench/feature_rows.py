"""The rows of `bench.feature_data` as SQL: what the numbers of a row become."""

EVENTS = """
with numbers as (
    select n, md5_number_lower('e' || n) as r, n // 6 as s, n % 6 as position
    from range({first}, {last}) as numbers (n)
),

sessions as (
    select *, md5_number_lower('s' || s) as q from numbers
),

events as (
    select
        *,
        cast(floor({customers} * pow((q % 1000003) / 1000003.0, 1.5)) as bigint) as who,
        cast({day} as timestamp) + to_seconds(cast(
            (q >> 20) % 80000 + position * (q >> 40) % 1200 + r % 60 as bigint
        )) as event_at,
        (r >> 8) % 100 as is_late,
        (r >> 16) % 50 as is_twice
    from sessions
)

select
    md5('e' || n) as event_id,
    md5_number_lower(md5('e' || n)) as _id_hash,
    'a' || who || case when q % 10 = 0 then 'p' else '' end as anonymous_id,
    case when (q >> 8) % 10 < 6 then 'u' || who end as user_id,
    case when r % 2 = 0 then 'page' else 'track' end as event_type,
    case when r % 2 = 0 then null
        when r % 40 = 1 then 'signed_in'
        when r % 40 = 3 then 'cart_created'
        when r % 40 = 5 then 'checkout_started'
        when r % 40 = 7 then 'card_declined'
        when r % 4 = 1 then 'feature_used'
        else 'viewed' end as event_name,
    event_at,
    event_at + to_seconds(cast(
        2 + case when is_late = 0 then 86400 * (1 + r % 2) else 0 end as bigint
    )) as received_at,
    'https://shop.example/p/' || (r >> 24) % 500 as url,
    case when position = 0 and (q >> 12) % 3 = 0
        then 'https://www.google.com/' end as referrer,
    case when position = 0 and (q >> 12) % 3 = 1 then 'newsletter' end as utm_source,
    case when position = 0 and (q >> 12) % 3 = 1 then 'email' end as utm_medium,
    case when (q >> 16) % 3 = 0 then 'mobile' else 'desktop' end as device_type,
    'Windows' as os,
    'Firefox' as browser,
    case when who % 4 = 0 then 'FR' else 'DE' end as country,
    case when r % 5 = 0 then 'p' || (r >> 24) % 500 end as product_id,
    case when r % 50 = 2 then 'term ' || (r >> 24) % 90 end as search_term,
    case when r % 4 = 1 and r % 40 not in (1, 5)
        then 'f' || (r >> 30) % 12 end as feature,
    case when is_late = 0 then 1 + r % 2 else 0 end as late_days,
    case when is_twice = 0 then 1 + (r >> 4) % 2 else 0 end as again_days
from events
"""

# The same again; one in a hundred of them says another time.
AGAIN = """
select * replace (
    received_at + interval 4 day as received_at,
    event_at + case when _id_hash % 100 = 0 then interval 1 day
        else interval 0 day end as event_at
)
"""

OTHERS = {
    "billing_customers": (
        1.0,
        """
        'b' || n as billing_customer_id, 'u' || n as user_id,
        md5('m' || n) as email_hash,
        case when n % 4 = 0 then 'FR' else 'DE' end as country, 'EUR' as currency,
        {first}::timestamp + to_hours(cast(r % 8000 as bigint)) as created_at
        """,
    ),
    "subscriptions": (
        1.2,
        """
        's' || n as subscription_id, 'b' || n % {customers} as billing_customer_id,
        {first}::date + cast(r % 340 as integer) as starts_on,
        case when r % 3 = 0
            then {first}::date + cast(r % 340 + 30 + (r >> 9) % 200 as integer) end
            as ends_on,
        'basic' as plan_id, 'basic' as plan, 10 + (r >> 4) % 90 as monthly_amount,
        'EUR' as currency, 'active' as status
        """,
    ),
    "invoice_lines": (
        10.0,
        """
        'l' || n as invoice_line_id, 'i' || n // 2 as invoice_id,
        'b' || (n // 2) % {customers} as billing_customer_id,
        {first}::timestamp + to_seconds(cast(r % 31536000 as bigint)) as invoiced_at,
        'p' || (r >> 24) % 500 as product_id, 1 as quantity,
        case when r % 30 = 0 then -1 else 1 end * (5 + (r >> 40) % 9000 / 100)
            as amount,
        'EUR' as currency
        """,
    ),
    "payments": (
        3.0,
        """
        'y' || n as payment_id, 'b' || n % {customers} as billing_customer_id,
        {first}::timestamp + to_seconds(cast(r % 31536000 as bigint)) as paid_at,
        10 as amount, 'EUR' as currency,
        case when r % 20 = 0 then 'failed' else 'succeeded' end as status
        """,
    ),
    "survey_responses": (
        0.2,
        """
        'r' || n as response_id, 'recommend' as question_id, 'nps' as survey_kind,
        'u' || (n * 7) % {customers} as user_id, r % 11 as answer_number,
        {first}::timestamp + to_seconds(cast((r >> 8) % 31536000 as bigint))
            as submitted_at
        """,
    ),
    "tickets": (
        0.1,
        """
        't' || n as ticket_id, 'b' || (n * 3) % {customers} as billing_customer_id,
        {first}::timestamp + to_seconds(cast(r % 31536000 as bigint)) as opened_at,
        'question' as type, 'open' as status, r % 6 as csat,
        5 + r % 50 as handle_minutes
        """,
    ),
}
