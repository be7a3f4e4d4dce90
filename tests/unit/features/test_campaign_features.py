"""Campaigns: windows, response rate, and the channel that a customer prefers."""

from datetime import date
from decimal import Decimal

import pytest
from people_world import answer, describe, one

NIGHT = ["2026-06-30"]


def step(campaign, event_type, on="2026-06-01", channel="email", who="ann", **more):
    return {
        "event_id": f"{campaign} {who} {event_type} {on}",
        "campaign_id": campaign,
        "user_id": who,
        "channel": channel,
        "event_type": event_type,
        "event_at": f"{on} 09:00:00",
    } | more


def test_steps_are_counted_on_their_own_day_and_a_rate_by_the_day_of_arrival():
    told = describe(
        NIGHT,
        campaign_events=[
            step("old", "sent", "2025-06-30"),
            step("old", "clicked", "2026-06-20"),
            step("new", "sent", "2025-07-01"),
            step("new", "opened", "2026-04-02"),
            step("recent", "sent", "2026-04-02"),
            step("recent", "clicked", "2026-04-02"),
            step("recent", "replied", "2026-04-03"),
        ],
    )
    columns = "campaign_touches_90d, campaign_opens_90d, campaign_clicks_90d"
    assert one(told, "campaign_features", columns) == (1, 1, 2)
    columns = "campaigns_received_12m, campaigns_answered_12m"
    assert one(told, "campaign_features", columns) == (2, 1)
    columns = "campaign_response_rate_12m, last_touch_on, last_campaign_response_on"
    expected = (Decimal("0.5000"), date(2026, 4, 2), date(2026, 6, 20))
    assert one(told, "campaign_features", columns) == expected


def test_a_campaign_to_two_people_is_received_twice():
    told = describe(
        NIGHT,
        campaign_events=[
            step("c", "sent", "2026-02-01"),
            step("c", "sent", "2026-02-01", who="bob"),
            step("c", "clicked", "2026-02-02", who="bob"),
            step("d", "sent", "2026-03-02", who="bob"),
        ],
    )
    columns = "campaigns_received_12m, campaigns_answered_12m"
    assert one(told, "campaign_features", columns) == (2, 1)
    assert one(told, "campaign_features", columns, "c_eve") == (1, 0)


def test_nothing_sent_is_zero_and_nothing_delivered_is_unknown():
    columns = "campaign_touches_90d, campaigns_received_12m, campaign_clicks_90d"
    more = ", campaign_response_rate_12m, preferred_channel"
    told = describe(NIGHT)
    assert one(told, "campaign_features", columns + more) == (0, 0, 0, None, None)
    absent = describe(NIGHT, absent=["campaign_events"])
    assert one(absent, "campaign_features", columns + more) == (None,) * 5


def test_the_channel_of_the_highest_smoothed_share_is_preferred():
    """Of all: e-mail 1 of 4 answered, telephone 1 of 1; five more as usual.

    Ann on e-mail (1 + 5 * 0.25) / (2 + 5) = 0.321, by telephone (1 + 5) / (1 + 5) = 1;
    sure by 3 / (3 + 5) * 1 / (1 + 0.321) = 0.2838.
    """
    told = describe(
        NIGHT,
        campaign_events=[
            step("m1", "sent"),
            step("m1", "clicked"),
            step("m2", "sent"),
            step("m1", "sent", who="eve"),
            step("m2", "sent", who="eve"),
            step("p", "sent", channel="call"),
            step("p", "replied", channel="call"),
        ],
    )
    columns = "preferred_channel, preferred_channel_basis, preferred_channel_confidence"
    found = one(told, "campaign_features", columns)
    assert found == ("phone", "responses", Decimal("0.2838"))
    assert one(told, "campaign_features", columns, "c_eve") == (None, None, None)


def test_what_was_said_goes_before_what_was_done():
    told = describe(
        NIGHT,
        survey_responses=[answer("r", "preferred_channel", "letter")],
        campaign_events=[step("m", "sent"), step("m", "clicked")],
    )
    columns = "preferred_channel, preferred_channel_basis, best_response_channel_12m"
    assert one(told, "campaign_features", columns) == ("post", "stated", "email")
    found = one(told, "campaign_features", "preferred_channel_confidence")
    assert found == (Decimal("0.9000"),)


@pytest.mark.parametrize("order", [1, -1])
def test_equal_channels_are_taken_by_their_name_whatever_the_order_of_rows(order):
    rows = [
        step(campaign, event_type, channel=channel)
        for campaign, channel in [("a", "sms"), ("b", "chat"), ("c", "pigeon")]
        for event_type in ("sent", "clicked")
    ]
    told = describe(NIGHT, campaign_events=rows[::order])
    assert one(told, "campaign_features", "preferred_channel") == ("chat",)


def test_an_open_is_no_answer():
    told = describe(NIGHT, campaign_events=[step("m", "sent"), step("m", "opened")])
    columns = "campaign_response_rate_12m, best_response_channel_12m"
    assert one(told, "campaign_features", columns) == (0, None)
