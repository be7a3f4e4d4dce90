"""Tickets: windows, how they stood on a day, and the difference of zero and unknown."""

from datetime import date
from decimal import Decimal

from people_world import build, describe, one

NIGHT = ["2026-06-30"]


def ticket(ticket_id, opened, closed=None, **more):
    row = {
        "ticket_id": ticket_id,
        "user_id": "ann",
        "opened_at": f"{opened} 09:00:00",
        "closed_at": closed and f"{closed} 09:00:00",
        "_version_at": f"{closed or opened} 09:00:00",
        "status": "solved" if closed else "open",
    }
    return row | more


def test_the_window_begins_after_the_ninetieth_day_before():
    told = describe(
        NIGHT,
        tickets=[
            ticket("t1", "2026-04-01", "2026-04-02", csat=2, sentiment="negative"),
            ticket("t2", "2026-04-02", "2026-04-03", csat=5, sentiment="positive"),
            ticket("t3", "2026-06-30", csat=None, sentiment="0.5"),
        ],
    )
    columns = "tickets_total, tickets_90d, open_tickets, last_ticket_on"
    expected = (3, 2, 1, date(2026, 6, 30))
    assert one(told, "support_features", columns) == expected
    columns = "ticket_csat_90d, ticket_ratings_90d, avg_sentiment_90d"
    found = one(told, "support_features", columns)
    assert found == (Decimal("5.0000"), 1, Decimal("0.7500"))


def test_the_type_and_channel_of_most_tickets_count_and_of_equals_the_latest():
    told = describe(
        NIGHT,
        tickets=[
            ticket("t1", "2026-06-01", type="Question", channel="e-mail"),
            ticket("t2", "2026-06-02", type="how-to", channel="fax"),
            ticket("t3", "2026-06-03", type="invoice", channel="mail"),
            ticket("t4", "2026-06-04", type="refund", channel="fax"),
        ],
    )
    columns = "main_ticket_type_90d, main_contact_channel_12m, contact_channels_12m"
    assert one(told, "support_features", columns) == ("billing", "other", 2)


def test_nothing_asked_is_zero_and_nothing_delivered_is_unknown():
    columns = "tickets_90d, open_tickets, handle_minutes_12m, ticket_csat_90d"
    assert one(describe(NIGHT), "support_features", columns) == (0, 0, 0, None)
    absent = describe(NIGHT, absent=["tickets"])
    assert one(absent, "support_features", columns) == (None,) * 4


def test_work_that_nobody_wrote_down_took_an_unknown_time():
    unwritten = [ticket("t1", "2026-06-01", "2026-06-02")]
    written = [ticket("t2", "2025-07-01", "2025-07-02", handle_minutes=12.5)]
    columns = "handle_minutes_90d, handle_minutes_12m"
    still_open = describe(NIGHT, tickets=[ticket("t3", "2026-06-01")])
    assert one(still_open, "support_features", columns) == (0, 0)
    told = describe(NIGHT, tickets=unwritten)
    assert one(told, "support_features", columns) == (None, None)
    told = describe(NIGHT, tickets=unwritten + written)
    assert one(told, "support_features", columns) == (None, Decimal("12.50"))


def test_a_ticket_that_is_closed_later_is_open_and_not_rated_yet():
    closed = ticket("t1", "2026-06-01", "2026-07-03", csat=1, handle_minutes=30)
    without_versions = closed | {"_version_at": None}
    columns = "open_tickets, ticket_csat_90d, handle_minutes_90d"
    for rows in ([ticket("t1", "2026-06-01"), closed], [without_versions]):
        told = describe(["2026-06-30", "2026-07-31"], tickets=rows)
        build(told, "support_features")
        found = told.execute(
            f"select {columns} from support_features where customer_id = 'c_firm'"
            " order by as_of_date"
        ).fetchall()
        assert found == [(1, None, 0), (0, Decimal(1), Decimal(30))]


def test_a_ticket_counts_for_the_customer_of_its_day():
    """Bob left the firm on the first of March."""
    tickets = [
        ticket("t1", "2026-02-28", user_id="bob"),
        ticket("t2", "2026-03-01", user_id="bob"),
        ticket("t3", "2026-03-01", user_id=None, billing_customer_id="b1"),
        ticket("t4", "2026-03-01", user_id=None, email_hash="ann@"),
    ]
    told = describe(NIGHT, tickets=tickets)
    assert one(told, "support_features", "tickets_total") == (3,)
    assert one(told, "support_features", "tickets_total", "c_eve") == (1,)
