"""Features of a past day know nothing of what came after it.

One home got only what is dated up to a month-end and runs its night then. Another one
got everything and describes that month-end when it begins, ten days later.
"""

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_project.night import Night
from dagster_project.settings import Settings
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect, literal
from tests.pipeline.world import Row, compute, deliver, event, make_home, rules

pytestmark = pytest.mark.night

SEEN = date(2026, 2, 28)
LATER = date(2026, 3, 10)
BEGIN = date(2025, 11, 20)
CUSTOMERS = 30
NAMES = ["page", "signed_in", "cart_created", "checkout_started", "card_declined"]
NAMES += ["feature_used", "order_completed", "product_viewed"]

# About the release itself, and what only tonight's customers are given: scores.
ABOUT_TONIGHT = {"release_id", "as_of_date", "month_end"}
SCORED_TONIGHT = {"value", "risk", "health"}

Rows = list[tuple[date, Row]]


def deliver_all(settings: Settings, until: date) -> None:
    """Every row up to a day; a row says by itself on which day it became known."""
    choose = random.Random(11)
    feeds: dict[str, Rows] = {
        "web_events": visits(choose),
        "billing_customers": [customer(n) for n in range(CUSTOMERS + 4)],
        "subscriptions": periods(choose),
        "invoice_lines": lines(choose),
        "payments": payments(choose),
        "survey_responses": answers(choose),
        "tickets": tickets(choose),
    }
    known = {
        feed: [row for day, row in rows if day <= until] for feed, rows in feeds.items()
    }
    deliver(settings, "all", **known)


def moment(choose: random.Random, since: date = BEGIN) -> datetime:
    days = (LATER - since).days
    minutes = choose.choice([5, 20, 600, 615, 900, 1430])
    day = since + timedelta(days=choose.randint(0, days))
    return datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)


def begins(n: int) -> date:
    """When somebody is first seen; the last four come after the day in question."""
    return BEGIN + timedelta(days=n) if n < CUSTOMERS else SEEN + timedelta(days=3)


def visits(choose: random.Random) -> Rows:
    rows: Rows = []
    for n in range(CUSTOMERS + 4):
        hello = datetime.combine(begins(n), datetime.min.time()) + timedelta(hours=9)
        for number in range(14):
            at = moment(choose, begins(n)) if number else hello
            name = choose.choice(NAMES)
            row = event(
                f"e{n}-{number}",
                at,
                event_name=name,
                event_type="page" if name == "page" else "track",
                anonymous_id=f"a{n}",
                user_id=f"u{n}" if number % 2 == 0 else None,
                url=f"https://shop.example/{choose.choice('abc')}",
                referrer=choose.choice([None, "https://www.google.com/"]),
                utm_source=choose.choice([None, "news"]),
                utm_medium=choose.choice([None, "email"]),
                device_type=choose.choice(["mobile", "desktop"]),
                country=choose.choice(["DE", "FR", None]),
                product_id=choose.choice([None, "p1", "p2"]),
                search_term=choose.choice([None, "shoe"]),
                feature=choose.choice(["f1", "f2"]) if name == "feature_used" else None,
            )
            rows.append((at.date(), row))
    return rows


def customer(n: int) -> tuple[date, Row]:
    at = datetime.combine(begins(n), datetime.min.time()) + timedelta(hours=8)
    row = {
        "billing_customer_id": f"b{n}",
        "user_id": f"u{n}",
        "email": f"u{n}@example.org",
        "country": "DE",
        "currency": "EUR",
        "created_at": at,
        "updated_at": at,
    }
    return at.date(), row


def periods(choose: random.Random) -> Rows:
    """Dated periods; that one ends becomes known on the day on which it ends."""
    rows: Rows = []
    for n in range(0, CUSTOMERS + 4, 2):
        starts = moment(choose, begins(n)).date()
        ends = starts + timedelta(days=choose.choice([20, 60, 90]))
        period: Row = {
            "subscription_id": f"s{n}",
            "billing_customer_id": f"b{n}",
            "starts_on": starts,
            "plan_id": "basic",
            "plan": "basic",
            "monthly_amount": choose.choice([10, 49]),
            "currency": "EUR",
            "status": "active",
            "updated_at": starts,
        }
        rows.append((starts, period))
        ended = {"ends_on": ends, "status": "canceled", "updated_at": ends}
        rows.append((ends, period | ended))
    return rows


def lines(choose: random.Random) -> Rows:
    rows: Rows = []
    for n in range(CUSTOMERS * 6):
        who = n % CUSTOMERS
        at = moment(choose, begins(who))
        row = {
            "invoice_line_id": f"l{n}",
            "invoice_id": f"i{n // 2}",
            "billing_customer_id": f"b{who}",
            "invoiced_at": at,
            "product_id": choose.choice(["p1", "p2"]),
            "quantity": 1,
            "amount": choose.choice(["20.00", "99.95", "-20.00"]),
            "currency": "EUR",
        }
        rows.append((at.date(), row))
    return rows


def payments(choose: random.Random) -> Rows:
    rows: Rows = []
    for n in range(CUSTOMERS * 3):
        who = n % CUSTOMERS
        at = moment(choose, begins(who))
        row = {
            "payment_id": f"pay{n}",
            "billing_customer_id": f"b{who}",
            "paid_at": at,
            "amount": "20.00",
            "currency": "EUR",
            "status": choose.choice(["succeeded", "failed", "refunded"]),
            "updated_at": at,
        }
        rows.append((at.date(), row))
    return rows


def answers(choose: random.Random) -> Rows:
    rows: Rows = []
    for n in range(CUSTOMERS * 3):
        who = n % CUSTOMERS
        at = moment(choose, begins(who))
        kind = choose.choice(["nps", "csat"])
        row = {
            "response_id": f"r{n}",
            "question_id": kind,
            "user_id": f"u{who}",
            "survey_kind": kind,
            "answer_number": choose.randint(0, 10) if kind == "nps" else 4,
            "submitted_at": at,
        }
        rows.append((at.date(), row))
    return rows


def tickets(choose: random.Random) -> Rows:
    """A ticket, and later that it was closed."""
    rows: Rows = []
    for n in range(CUSTOMERS * 2):
        who = n % CUSTOMERS
        at = moment(choose, begins(who))
        closed_at = at + timedelta(days=choose.choice([0, 4, 30]), hours=1)
        ticket: dict[str, Any] = {
            "ticket_id": f"t{n}",
            "user_id": f"u{who}",
            "opened_at": at,
            "type": choose.choice(["bug", "question"]),
            "status": "open",
            "updated_at": at,
        }
        rows.append((at.date(), ticket))
        closed = {"closed_at": closed_at, "status": "closed", "csat": 4}
        closed |= {"handle_minutes": 30, "updated_at": closed_at}
        rows.append((closed_at.date(), ticket | closed))
    return rows


def scored_columns() -> set[str]:
    """The columns that are NULL in the past, with their coverage."""
    text = (PROJECT / "models/features/customer_features.yml").read_text("utf-8")
    columns = yaml.safe_load(text)["models"][0]["columns"]
    scored = {
        column["name"]
        for column in columns
        if column.get("config", {}).get("meta", {}).get("group") in SCORED_TONIGHT
    }
    return scored | {f"{group}_coverage" for group in SCORED_TONIGHT}


def features(settings: Settings, day: date) -> tuple[Path, Path]:
    """The features of a night and of its month-ends, without publishing them."""
    tables = ("features.customer_features", "marts.customer_features_monthly")
    files = settings.home / "features.parquet", settings.home / "months.parquet"
    with Night(settings, day) as night:
        compute(night, "customer_features_monthly")
        with night.work() as connection:
            for table, path in zip(tables, files, strict=True):
                connection.execute(f"copy {table} to {literal(path)} (format parquet)")
    return files


def differing_columns(then: Path, later: Path) -> dict[str, int]:
    """Customers for whom a column differs, by column, and missing customers."""
    known = f"select * from read_parquet({literal(then)})"
    monthly = f"select * from read_parquet({literal(later)})"
    told = f"{monthly} where month_end = date '{SEEN}'"
    with connect() as connection:
        customers = connection.execute(f"select count(*) from ({known})").fetchone()
        assert customers == (CUSTOMERS,)
        described = connection.execute(f"describe {known}").fetchall()
        left_out = ABOUT_TONIGHT | scored_columns()
        columns = [row[0] for row in described if row[0] not in left_out]
        assert len(columns) > 150
        counts = [f"count(*) filter (a.{c} is distinct from b.{c})" for c in columns]
        found = connection.execute(
            f"select {', '.join(counts)} from ({known}) as a"
            f" full join ({told}) as b on a.customer_id = b.customer_id"
        ).fetchall()
    return {c: n for c, n in zip(columns, found[0], strict=True) if n}


def test_features_of_a_month_end_do_not_know_what_came_later(tmp_path):
    models = {"value": rules({"big": "mrr > 20"}, "small")}
    then = make_home(tmp_path / "then", models)
    deliver_all(then, SEEN)
    later = make_home(tmp_path / "later", models)
    deliver_all(later, LATER)
    (known, _), (_, told) = features(then, SEEN), features(later, LATER)
    assert differing_columns(known, told) == {}
