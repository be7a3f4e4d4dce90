"""The company: what its deliveries say about each other."""

import duckdb
import pytest

NOTHING_MAY_BE_FOUND = {
    "an invoice line whose customer is not known": """
        select invoice_line_id from invoice_lines
        where billing_customer_id not in (
            select billing_customer_id from billing_customers
        )""",
    "a payment without an invoice": """
        select payment_id from payments
        where invoice_id not in (select invoice_id from invoice_lines)""",
    "periods of one customer that overlap": """
        select a.subscription_id from subscriptions as a
        inner join subscriptions as b
            on a.billing_customer_id = b.billing_customer_id
            and a.subscription_id < b.subscription_id
        where a.starts_on < coalesce(b.ends_on, date '9999-01-01')
            and b.starts_on < coalesce(a.ends_on, date '9999-01-01')""",
    "a period that ends before it starts": """
        select subscription_id from subscriptions where ends_on <= starts_on""",
    "an invoice that was paid with another sum": """
        with billed as (
            select invoice_id, sum(amount + tax) as total
            from invoice_lines group by invoice_id
        )
        select billed.invoice_id from billed
        inner join payments on billed.invoice_id = payments.invoice_id
        where payments.amount <> abs(billed.total)""",
    "an invoice that was paid twice": """
        select invoice_id from payments where status = 'succeeded'
        group by invoice_id having count(*) > 1""",
    "a failure without its reason": """
        select payment_id from payments
        where (status = 'failed') <> (failure_code is not null)""",
    "a subscription line that is not the price of its period": """
        select invoice_line_id from invoice_lines
        inner join subscriptions
            on invoice_lines.billing_customer_id = subscriptions.billing_customer_id
            and invoiced_at::date >= starts_on
            and (ends_on is null or invoiced_at::date < ends_on)
        where kind = 'subscription' and amount <> monthly_amount
            * if(plan_id like '%annual', 12, 1)""",
    "a paid period of the window without an invoice": """
        select subscription_id from subscriptions
        where starts_on between '2025-10-23' and '2026-11-21' and not exists (
            from invoice_lines
            where invoice_lines.billing_customer_id = subscriptions.billing_customer_id
                and invoiced_at::date = starts_on and kind = 'subscription'
        )""",
    "a line whose amount is not quantity times price": """
        select invoice_line_id from invoice_lines
        where amount <> quantity * unit_price""",
    "a moment outside the window": """
        select event_id from web_events
        where event_at::timestamp < '2025-10-23'
            or received_at::timestamp >= '2026-11-22'
        union all
        select response_id from survey_responses
        where submitted_at not between '2025-10-23' and '2026-11-22'
        union all
        select invoice_line_id from invoice_lines
        where invoiced_at not between '2025-10-23' and '2026-11-22'
        union all
        select payment_id from payments where paid_at >= '2026-11-22'
        union all
        select subscription_id from subscription_rows
        where updated_at >= '2026-11-22' or ends_on > '2026-11-21'
        union all
        select billing_customer_id from billing_customers
        where updated_at >= '2026-11-22'""",
    "an event received before it happened or two days after": """
        select event_id from web_events
        where received_at - event_at
            not between interval 0 second and interval 2 days""",
    "a daily file with rows of another day": """
        select event_id from web_events
        where filename like '%-2026-11-20.%' and received_at::date
            not in (date '2026-11-20', date '2026-11-19')""",
    "an event id with two different rows": """
        select event_id from (
            select distinct * exclude (filename) from web_events
        ) group by event_id having count(*) > 1""",
    "a billing address that is not one of a user of the account": """
        select email from billing_customers
        where lower(email) not in (
            select email from web_events where event_type = 'identify'
        ) and updated_at < '2026-10-01'""",
    "an address with two users": """
        select email from web_events where email is not null
        group by email having count(distinct user_id) > 1""",
    "an address outside the reserved names": """
        select email from billing_customers where lower(email) not like '%.example'
        union all
        select email from web_events where email not like '%.example'""",
    "a user who was never named a member of the account": """
        select user_id from web_events where user_id is not null
        group by user_id
        having count(account_id) = 0 and min(event_at) < '2026-09-01'""",
    "a score out of range": """
        select response_id from survey_responses
        where (survey_kind = 'nps' and answer_number not between 0 and 10)
            or (survey_kind = 'csat' and answer_number not between 1 and 5)""",
    "an answer by nobody": """
        select response_id from survey_responses
        where coalesce(email, user_id, billing_customer_id) is null""",
}


@pytest.mark.parametrize(
    "query", NOTHING_MAY_BE_FOUND.values(), ids=NOTHING_MAY_BE_FOUND
)
def test_there_is_never(year: duckdb.DuckDBPyConnection, query: str):
    assert year.execute(query).fetchall() == []


MUST_BE_THERE = {
    "upgrades": """
        from subscriptions as a inner join subscriptions as b
            on a.billing_customer_id = b.billing_customer_id
            and a.ends_on = b.starts_on and b.monthly_amount > a.monthly_amount""",
    "downgrades": """
        from subscriptions as a inner join subscriptions as b
            on a.billing_customer_id = b.billing_customer_id
            and a.ends_on = b.starts_on and b.monthly_amount < a.monthly_amount""",
    "churn": """
        from subscriptions where status = 'canceled' and billing_customer_id not in (
            select billing_customer_id from subscriptions where ends_on is null)""",
    "reactivation after a gap": """
        from subscriptions as a inner join subscriptions as b
            on a.billing_customer_id = b.billing_customer_id
            and a.ends_on < b.starts_on""",
    "annual plans": "from invoice_lines where quantity = 12",
    "add-ons": "from invoice_lines where kind = 'one_off'",
    "refunds": "from invoice_lines where kind = 'refund' and amount < 0",
    "refunds paid out": "from payments where status = 'refunded'",
    "failed payments that succeed later": """
        from payments where status = 'succeeded' and invoice_id in (
            select invoice_id from payments where status = 'failed')""",
    "deliveries of the same event in two files": """
        from (
            from web_events select event_id group by event_id
            having count(distinct filename) > 1)""",
    "late events": "from web_events where received_at - event_at > interval 1 day",
    "visits that become a known user": """
        from web_events where user_id is null and anonymous_id in (
            select anonymous_id from web_events where user_id is not null)""",
    "visits by people who stay unknown": """
        from web_events where anonymous_id not in (
            select anonymous_id from web_events where user_id is not null)""",
    "declined cards": "from web_events where event_name = 'card_declined'",
    "abandoned carts": "from web_events where event_name = 'cart_created'",
    "searches": "from web_events where search_term is not null",
    "campaigns": "from web_events where utm_campaign is not null",
    "addresses in capitals": """
        from billing_customers where email = upper(email)""",
    "a moved billing address": """
        from (
            from billing_customers select billing_customer_id
            group by all having count(distinct lower(email)) > 1)""",
    "answers that were changed": """
        from (
            from survey_responses select response_id, question_id
            group by all having count(*) > 1)""",
    "needs, benefits, preferences, reasons, interests and what people are": """
        from survey_responses where answer_text is not null
        having count(distinct survey_kind) = 6""",
    "answers that tell nothing": """
        from survey_responses where answer_text = 'Prefer not to say'""",
    "agreement from 1 to 5": """
        from survey_responses
        where survey_kind = 'psychographic' and answer_number is not null
        having count(distinct answer_number) = 5""",
}


@pytest.mark.parametrize("query", MUST_BE_THERE.values(), ids=MUST_BE_THERE)
def test_there_are(year: duckdb.DuckDBPyConnection, query: str):
    assert year.execute(f"select count(*) {query}").fetchone() > (0,)


def test_every_persona_is_there_and_one_in_five_firms_never_pays(year):
    counts = dict(
        year.execute("select persona, count(*) from personas group by all").fetchall()
    )
    assert len(counts) == 7
    assert sum(counts.values()) == 160
    assert counts["tire_kicker"] == pytest.approx(32, abs=2)
    assert year.execute(
        "select count(distinct billing_customer_id) from billing_customers"
    ).fetchone() == (160 - counts["tire_kicker"],)


def test_personas_are_never_delivered(year_folder):
    assert not list(year_folder.rglob("*persona*"))


def test_promoters_and_detractors_are_different_people(year):
    means = dict(
        year.execute("""
            select persona, avg(answer_number)
            from survey_responses
            inner join personas
                on survey_responses.user_id[3:9] = personas.account_id[5:]
            where question_id = 'nps_score' group by persona
        """).fetchall()
    )
    assert means["struggling"] < 4 < 8 < means["power_team"]
