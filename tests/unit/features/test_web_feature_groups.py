"""What customers did on the web, group by group, on a few hand-made rows."""

import csv
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import linregress

from dagster_project.features.rendering import render_model
from dagster_project.features.sessions import load_events
from dagster_project.transform import PROJECT
from tests.unit.features.test_sessions import table

AS_OF = date(2026, 3, 31)
WEB = "int_web__daily_activity", "int_web__sessions"
CUSTOMERS = "int_customers__daily_activity", "int_customers__interests"
pytestmark = pytest.mark.slow

GROUPS = "web", "session", "interest", "technology"

sql_of = cache(render_model)

Event = dict[str, Any]
Found = dict[str, Any]


def did(
    days_ago: int, name: str | None = None, at: str = "10:00", **given: Any
) -> Event:
    day = AS_OF - timedelta(days=days_ago)
    when = datetime.fromisoformat(f"{day} {at}")
    kind = (
        {"event_type": "track", "event_name": name} if name else {"event_type": "page"}
    )
    return {"anonymous_id": "phone", "event_at": when} | kind | given


def looked_at(days_ago: int, product: str, at: str = "10:00", **given: Any) -> Event:
    return did(days_ago, at=at, product_id=product, **given)


class Company:
    """One customer of one device, from events to the groups of features."""

    def __init__(self, events: list[Event], timezone: str = "UTC") -> None:
        self.engine = duckdb.connect()
        load_events(self.engine, table(events), timezone=timezone)
        seed = PROJECT / "seeds" / "thresholds.csv"
        self.engine.execute(f"""
            create table thresholds as from read_csv('{seed}');
            create table as_of_dates as select date '{AS_OF}' as as_of_date;
            create table int_identity__visitor_customers as
                select distinct anonymous_id, user_id, 'person' as person_id,
                    'customer' as customer_id, date '1900-01-01' as valid_from,
                    date '9999-12-31' as valid_to
                from int_web__slots;
            create table customer_spine as
                select * from (values ('customer', true), ('unknown', false))
                    as spine (customer_id, web_is_known)
                cross join as_of_dates;
            create table int_customers__invoice_lines (
                customer_id varchar, invoiced_on date, amount decimal(18, 2)
            )""")

    def invoice(self, days_ago: int, amount: int) -> None:
        self.engine.execute(
            "insert into int_customers__invoice_lines values ('customer', ?, ?)",
            [AS_OF - timedelta(days=days_ago), amount],
        )

    def features(self, customer: str = "customer") -> Found:
        for model in (*WEB, *CUSTOMERS):
            self._make(model)
        self.engine.execute("""create or replace temp table int_customers__sessions as
            select *, 'customer' as customer_id from int_web__sessions""")
        found: Found = {}
        for group in GROUPS:
            self._make(f"{group}_features")
            query = f"from {group}_features where customer_id = ?"
            asked = self.engine.execute(query, [customer])
            names = [column[0] for column in asked.description or []]
            (row,) = asked.fetchall()
            found |= dict(zip(names, row, strict=True))
        return found

    def _make(self, model: str) -> None:
        sql = sql_of(model)
        self.engine.execute(f"create or replace temp table {model} as {sql}")


def of(*events: Event, timezone: str = "UTC") -> Found:
    return Company(list(events), timezone).features()


def test_a_customer_whose_web_is_not_known_has_no_zero():
    found = Company([did(0)]).features("unknown")
    del found["customer_id"], found["as_of_date"]
    assert len(found) > 40
    assert set(found.values()) == {None}


def test_a_customer_known_to_the_web_without_events_has_zeros_and_no_words():
    company = Company([did(-1)])
    found = company.features()
    counts = {name: v for name, v in found.items() if v is not None and v != "customer"}
    del counts["as_of_date"]
    assert set(counts.values()) == {0}
    assert counts["cart_abandoned"] is False
    assert {"searches_30d", "sessions_total", "logins_30d", "active_weeks_8w"} < set(
        counts
    )


STEPS = {
    "a cart and nothing else": ([did(1, "cart_created")], (True, "unknown")),
    "no cart": ([did(1, "signed_in")], (False, None)),
    "an order after it": (
        [did(2, "add_to_cart"), did(1, "Order Completed")],
        (False, None),
    ),
    "an order before it": (
        [did(2, "purchase"), did(1, "cart_created")],
        (True, "unknown"),
    ),
    "a cart of 29 days ago": ([did(29, "cart_created")], (True, "unknown")),
    "a cart of 30 days ago": ([did(30, "cart_created")], (False, None)),
    "a declined card": (
        [did(1, "cart_created"), did(1, "card_declined", at="10:01")],
        (True, "card_declined"),
    ),
    "no card at all": (
        [did(1, "begin_checkout"), did(1, "payment_method_missing", at="10:01")],
        (True, "no_card"),
    ),
    "the last obstacle counts": (
        [
            did(1, "cart_created"),
            did(1, "card_declined", at="10:01"),
            did(1, "form_error", at="10:02"),
        ],
        (True, "missing_detail"),
    ),
    "a second attempt of the same cart": (
        [
            did(1, "cart_created"),
            did(1, "card_declined", at="10:01"),
            did(1, "checkout_started", at="10:05"),
        ],
        (True, "card_declined"),
    ),
    "an obstacle of an earlier cart": (
        [did(9, "cart_created"), did(9, "card_declined"), did(1, "cart_created")],
        (True, "unknown"),
    ),
    "an obstacle before an order": (
        [
            did(9, "cart_created"),
            did(9, "card_declined", at="10:01"),
            did(9, "order_completed", at="10:02"),
            did(1, "checkout_started"),
        ],
        (True, "unknown"),
    ),
}


@pytest.mark.parametrize(("events", "expected"), STEPS.values(), ids=STEPS)
def test_an_abandoned_cart_says_what_stood_in_the_way(events, expected):
    found = of(*events)
    assert (found["cart_abandoned"], found["checkout_drop_reason"]) == expected


@pytest.mark.parametrize(
    ("days_ago", "amount", "abandoned"),
    [(5, 20, False), (4, 20, False), (3, 20, True), (6, 20, True), (5, -20, True)],
)
def test_an_invoice_of_the_day_or_the_day_after_is_an_order(
    days_ago, amount, abandoned
):
    company = Company([did(5, "cart_created")])
    company.invoice(days_ago, amount)
    assert company.features()["cart_abandoned"] is abandoned


def test_a_product_seen_on_three_days_is_seen_repeatedly():
    found = of(
        *(looked_at(day, "boots", category="shoes") for day in (1, 2, 29)),
        *(looked_at(3, "hat", at=f"10:0{n}", category="hats") for n in range(4)),
        looked_at(30, "hat"),
        did(1, "add_to_cart", product_id="gloves", category="hats"),
    )
    assert found["repeatedly_viewed_products_30d"] == 1
    assert found["products_viewed_30d"] == 2
    assert found["most_viewed_product_id"] == "hat"
    assert found["most_viewed_product_views_30d"] == 4
    assert found["top_category_30d"] == "hats"


def test_as_often_viewed_the_product_of_more_days_wins():
    found = of(
        looked_at(1, "a"),
        looked_at(1, "a", at="11:00"),
        looked_at(1, "b"),
        looked_at(2, "b"),
    )
    assert found["most_viewed_product_id"] == "b"


def test_the_latest_search_of_a_half_hour_is_the_last_one():
    found = of(
        did(1, at="10:05", search_term="Zebra "),
        did(1, at="10:06", search_term="ant"),
        did(1, at="10:07"),
        did(31, search_term="old"),
    )
    assert (found["searches_30d"], found["last_search_term"]) == (2, "ant")


def test_features_have_breadth_and_depth():
    uses = [did(1, "feature_used", at=f"10:0{n}", feature="export") for n in range(4)]
    found = of(*uses, did(2, "feature_used", feature="alerts"), did(2, "Signed In"))
    assert (found["features_used_30d"], found["feature_uses_30d"]) == (2, 5)
    assert (float(found["uses_per_feature_30d"]), found["top_feature_30d"]) == (
        2.5,
        "export",
    )
    assert (found["logins_30d"], found["last_login_on"]) == (
        1,
        AS_OF - timedelta(days=2),
    )


def test_devices_are_counted_by_their_events_of_ninety_days():
    found = of(
        *(did(89, at=f"10:0{n}", device_type="Smartphone", os="iOS") for n in range(3)),
        did(1, device_type="Desktop", os="macOS", browser="Safari"),
        *(did(90, at=f"10:0{n}", device_type="tablet") for n in range(9)),
        did(1),
    )
    assert (found["main_device_90d"], found["main_os_90d"]) == ("mobile", "iOS")
    assert found["main_browser_90d"] == "Safari"
    assert float(found["mobile_share_90d"]) == 0.75


@pytest.mark.parametrize(
    ("at", "timezone", "daypart"),
    [
        ("05:59", "UTC", "night"),
        ("06:00", "UTC", "morning"),
        ("17:59", "UTC", "afternoon"),
        ("18:00", "UTC", "evening"),
        ("23:00", "Europe/Berlin", "night"),
    ],
)
def test_the_time_of_day_is_that_of_the_business(at, timezone, daypart):
    assert of(did(2, at=at), timezone=timezone)["main_daypart_90d"] == daypart


def test_the_first_visit_counts_as_it_was_and_the_last_that_was_not_direct():
    found = of(
        did(50),
        did(40, utm_source="google", utm_medium="cpc", utm_campaign="brand"),
        did(20, utm_source="newsletter", utm_medium="email"),
        did(10),
    )
    assert (found["first_channel"], found["first_source"]) == ("direct", "(direct)")
    assert (found["last_channel"], found["last_source"]) == ("email", "newsletter")
    assert found["last_campaign"] is None


def weekly(*sessions: int) -> list[Event]:
    """So many sessions in each of the last 8 weeks, the oldest first."""
    return [
        did(7 * (7 - week), at=f"{hour:02}:00")
        for week, count in enumerate(sessions)
        for hour in range(count)
    ]


@pytest.mark.parametrize(
    ("sessions", "trend", "active"),
    [
        ((1, 2, 3, 4, 5, 6, 7, 8), "rising", 8),
        ((5, 5, 4, 4, 3, 3, 2, 0), "falling", 7),
        ((3, 3, 3, 3, 3, 3, 3, 3), "flat", 8),
        ((1, 6, 1, 6, 1, 6, 1, 7), "flat", 8),
        ((0, 0, 0, 0, 0, 0, 0, 0), "flat", 0),
    ],
)
def test_a_trend_is_a_slope_beyond_chance(sessions, trend, active):
    found = of(did(56, at="08:00"), *weekly(*sessions))
    assert (found["session_trend"], found["active_weeks_8w"]) == (trend, active)


def test_slopes_and_trends_are_those_of_regressions():
    counts = np.random.default_rng(1).poisson(np.linspace(1, 6, 8), size=(200, 8))
    counts[100:] = counts[100:, ::-1]
    company = Company([did(0)])
    company.engine.register("weekly", pa.table({"counts": counts.tolist()}))
    company.engine.execute(f"""
        create or replace table customer_spine as
            select row_number() over () - 1 as customer_id, counts,
                true as web_is_known, date '{AS_OF}' as as_of_date
            from weekly;
        create or replace temp table int_customers__sessions as
            select customer_id, concat(customer_id, '-', week, '-', n) as session_id,
                (date '{AS_OF}' - 7 * (8 - week)::integer) as started_on,
                started_on::timestamp as started_at,
                week * 100 + n as session_order, 'direct' as channel,
                '(direct)' as source, '(none)' as medium, null::varchar as campaign
            from customer_spine, range(1, 9) as weeks (week), range(20) as each_one (n)
            where n < counts[week]
            union all
            select customer_id, 'first' || customer_id, date '{AS_OF}' - 60,
                timestamp '2026-01-30', 0, 'direct', '(direct)', '(none)', null
            from customer_spine""")
    found = company.engine.execute(f"""
        select session_slope_8w, session_trend
        from ({sql_of("session_features")}) order by customer_id""").fetchall()
    fits = [linregress(np.arange(8), row) for row in counts]
    assert [slope for slope, _ in found] == pytest.approx(
        [fit.slope for fit in fits], abs=1e-6
    )
    assert [trend for _, trend in found] == [
        "flat"
        if abs(fit.slope) <= 2.447 * fit.stderr
        else ("rising" if fit.slope > 0 else "falling")
        for fit in fits
    ]
    assert {trend for _, trend in found} == {"rising", "falling", "flat"}


@pytest.mark.parametrize(("days_ago", "trend"), [(55, "flat"), (54, None)])
def test_who_is_not_known_for_eight_weeks_has_no_trend(days_ago, trend):
    assert of(did(days_ago))["session_trend"] == trend


def test_every_event_name_has_one_meaning_and_is_in_small_letters():
    with (PROJECT / "seeds" / "event_meanings.csv").open(encoding="utf-8") as handle:
        names = [row["event_name"] for row in csv.DictReader(handle)]
    assert len(names) == len(set(names))
    assert names == [name.lower().strip() for name in names]
