"""CRM, support, campaigns and consents: what they say about each other."""

import duckdb
import pytest

NOTHING_MAY_BE_FOUND = {
    "an account whose parent is not known": """
        select account_id from accounts where parent_account_id not in (
            select account_id from accounts)""",
    "a paying firm that the CRM does not know": """
        select account_id from billing_customers
        where account_id not in (select account_id from accounts)
            and updated_at < '2026-11-15'""",
    "a contact of an account that the CRM does not know": """
        select contact_id from contacts
        where account_id not in (select account_id from accounts)""",
    "a contact with the address of another user": """
        select contact_id from contacts
        inner join users using (user_id)
        where lower(contacts.email) <> users.email""",
    "a contact whose user the tracker never met": """
        select contact_id from contacts
        where user_id not in (select user_id from users) and updated_at < '2026-11-15'
        """,
    "a ticket of nobody": """
        select ticket_id from tickets
        where coalesce(email, user_id, billing_customer_id) is null""",
    "a ticket by an address or a user that the tracker never met": """
        select ticket_id from tickets
        where (
            email not in (select email from users)
            or user_id not in (select user_id from users)
        ) and opened_at between '2025-11-25' and '2026-11-01'""",
    "a ticket closed that was never open": """
        select ticket_id from tickets group by ticket_id
        having count(*) filter (where status = 'open') <> 1""",
    "a ticket closed before it was opened": """
        select ticket_id from tickets where closed_at < opened_at""",
    "an open ticket that was rated": """
        select ticket_id from tickets
        where closed_at is null and coalesce(csat, handle_minutes) is not null""",
    "a step of a campaign without the one before": """
        with steps as (
            select *, list_position(
                ['sent', 'delivered', 'opened', 'clicked', 'replied', 'converted',
                    'opportunity'], event_type) as step
            from campaign_events
        )
        select later.event_id from steps as later
        where step > 1 and not exists (
            from steps as earlier
            where earlier.campaign_id = later.campaign_id
                and coalesce(earlier.email, earlier.user_id)
                    = coalesce(later.email, later.user_id)
                and earlier.step = later.step - 1
                and earlier.event_at <= later.event_at
        )""",
    "a campaign sent to somebody who did not allow it at that time": """
        with said as (
            select coalesce(consents.user_id, users.user_id) as user_id,
                channel, changed_at::timestamp as changed_at, status
            from consents left join users on consents.email = users.email
            where purpose = 'marketing'
        ),
        sent as (
            select coalesce(campaign_events.user_id, users.user_id) as user_id,
                channel, event_at, event_id
            from campaign_events left join users using (email)
            where event_type = 'sent'
        )
        select sent.event_id from sent
        asof left join said
            on sent.user_id = said.user_id and sent.channel = said.channel
            and sent.event_at >= said.changed_at
        where said.status is distinct from 'granted' and sent.user_id is not null""",
    "a campaign event with an amount that belongs to another step": """
        select event_id from campaign_events
        where (pipeline_amount is not null) <> (event_type = 'opportunity')
            or (cost is not null) <> (event_type = 'sent')
            or (reason is not null and event_type <> 'replied')""",
    "a consent of nobody": """
        select purpose from consents where coalesce(email, phone, user_id) is null""",
    "a consent given twice or withdrawn before it was given": """
        with said as (
            select coalesce(consents.user_id, users.user_id) as user_id,
                purpose, channel, status,
                lag(status) over (
                    partition by coalesce(consents.user_id, users.user_id),
                        purpose, channel
                    order by changed_at
                ) as before
            from consents left join users on consents.email = users.email
        )
        select user_id from said
        where user_id is not null
            and status <> if(before = 'granted', 'withdrawn', 'granted')""",
    "a consent of two changes at one moment": """
        select changed_at from consents
        group by email, phone, user_id, purpose, channel, changed_at
        having count(*) > 1""",
    "a moment outside the window": """
        select ticket_id from tickets
        where opened_at::timestamp < '2025-10-23'
            or updated_at::timestamp >= '2026-11-22'
        union all
        select event_id from campaign_events
        where event_at not between '2025-10-23' and '2026-11-22'
        union all
        select purpose from consents
        where changed_at::timestamp not between '2025-10-23' and '2026-11-22'
        union all
        select account_id from accounts
        where updated_at not between '2025-10-23' and '2026-11-22'
        union all
        select contact_id from contacts
        where updated_at::timestamp not between '2025-10-23' and '2026-11-22'""",
    "a daily file with rows of another day": """
        select ticket_id from tickets
        where filename like '%-2026-11-20.%' and updated_at::date <> '2026-11-20'
        union all
        select event_id from campaign_events
        where filename like '%-2026-11-18.%' and event_at::date <> '2026-11-18'""",
    "a week's file with rows of another week": """
        select account_id from accounts
        where filename like '%-2026-11-16.%'
            and updated_at::date not between '2026-11-10' and '2026-11-16'
        union all
        select contact_id from contacts
        where filename like '%-2026-11-16.%'
            and updated_at::date not between '2026-11-10' and '2026-11-16'""",
    "an address outside the reserved names, or a number that somebody has": r"""
        select email from contacts where lower(email) not like '%.example'
        union all
        select email from tickets where email not like '%.example'
        union all
        select email from consents where email not like '%.example'
        union all
        select email from campaign_events where email not like '%.example'
        union all
        select phone from contacts where phone not like '+999%'
        union all
        select phone from consents where phone not like '+999%'
        union all
        select body from tickets
        where (body like '%@%' and body not like '%.example.')
            or (regexp_matches(body, '\d{5}') and body not like '%+999%'
                and body not like '%@%')""",
}


@pytest.mark.parametrize(
    "query", NOTHING_MAY_BE_FOUND.values(), ids=NOTHING_MAY_BE_FOUND
)
def test_there_is_never(year: duckdb.DuckDBPyConnection, query: str):
    assert year.execute(query).fetchall() == []


MUST_BE_THERE = {
    "holdings": "from accounts where parent_account_id is not null",
    "accounts that changed": """
        from (from accounts select account_id group by all having count(*) > 1)""",
    "accounts of firms that never pay": """
        from accounts where account_id not like 'acc_h%' and account_id not in (
            select account_id from billing_customers)""",
    "contacts who use nothing": "from contacts where job_title like 'Chief%'",
    "contacts who rose": """
        from (from contacts select contact_id group by all having count(*) > 1)""",
    "contacts of every rank": "from contacts having count(distinct seniority) = 4",
    "tickets still open": """
        from (
            from tickets select ticket_id group by all having count(closed_at) = 0)""",
    "tickets by e-mail, phone, chat and in the app": """
        from tickets having count(distinct channel) >= 4""",
    "every kind of question": "from tickets having count(distinct type) = 6",
    "texts with an address": "from tickets where body like '%@%.example.'",
    "texts with a number": "from tickets where body like '%+999%'",
    "ratings": "from tickets where csat is not null",
    "opportunities": "from campaign_events where event_type = 'opportunity'",
    "campaigns on seven channels": """
        from campaign_events having count(distinct channel) = 7""",
    "reasons for a no": "from campaign_events where reason is not null",
    "consents withdrawn": "from consents where status = 'withdrawn'",
    "consents for research": "from consents where purpose = 'research'",
    "consents known by each identifier": """
        from consents
        having count(email) > 0 and count(phone) > 0 and count(user_id) > 0""",
}


@pytest.mark.parametrize("query", MUST_BE_THERE.values(), ids=MUST_BE_THERE)
def test_there_are(year: duckdb.DuckDBPyConnection, query: str):
    assert year.execute(f"select count(*) from (select 1 {query})").fetchone() > (0,)


def test_the_unhappy_ask_more_and_rate_lower(year: duckdb.DuckDBPyConnection):
    per_firm = dict(
        year.execute("""
            select persona, avg(csat)
            from tickets
            inner join users on tickets.user_id = users.user_id
                or tickets.email = users.email
            inner join personas on users.user_id[3:9] = personas.account_id[5:]
            group by persona
        """).fetchall()
    )
    assert per_firm["struggling"] < 3 < 4 <= per_firm["power_team"]
