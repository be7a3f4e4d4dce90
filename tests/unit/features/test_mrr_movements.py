"""Movements of MRR: the identities hold, and a plain loop over days finds the same."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.features.mrr import mrr_movements, revenue_metrics

START = date(2025, 1, 1)
AS_OF = date(2025, 9, 17)
SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("subscription_id", pa.string()),
        ("starts_on", pa.date32()),
        ("ends_on", pa.date32()),
        ("monthly_amount", pa.decimal128(18, 4)),
        ("status", pa.string()),
    ]
)

Period = dict[str, Any]


def table(periods: list[Period]) -> pa.Table:
    rows = [{"subscription_id": str(n), **one} for n, one in enumerate(periods)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def period(customer: str, starts: str, ends: str | None, amount: int) -> Period:
    return {
        "customer_id": customer,
        "starts_on": date.fromisoformat(starts),
        "ends_on": date.fromisoformat(ends) if ends else None,
        "monthly_amount": Decimal(amount),
    }


@st.composite
def random_period(draw: st.DrawFn) -> Period:
    """Gaps, overlaps, periods of no day, trials and periods that are yet to begin."""
    starts = draw(st.integers(0, 290))
    days = draw(st.none() | st.integers(-3, 200))
    return {
        "customer_id": draw(st.sampled_from("abc")),
        "starts_on": START + timedelta(starts),
        "ends_on": None if days is None else START + timedelta(starts + days),
        "monthly_amount": Decimal(draw(st.integers(0, 40000))).scaleb(-2),
        "status": draw(st.sampled_from([None, "active", "canceled", "trialing"])),
    }


def measured_days() -> list[date]:
    months = [date(2025, month, 1) for month in range(1, 10)]
    return [
        min(AS_OF, day.replace(day=monthrange(day.year, day.month)[1]))
        for day in months
    ]


def mrr_of(periods: list[Period], customer: str, day: date) -> Decimal:
    return sum(
        (
            one["monthly_amount"]
            for one in periods
            if one["customer_id"] == customer
            and one.get("status") != "trialing"
            and one["starts_on"] <= day
            and (one["ends_on"] is None or day < one["ends_on"])
        ),
        Decimal(0),
    )


def plain_movements(periods: list[Period]) -> list[tuple[Any, ...]]:
    found = []
    for customer in "abc":
        before, has_paid = Decimal(0), False
        for day in measured_days():
            after = mrr_of(periods, customer, day)
            if after != before:
                kind = (
                    ("reactivation" if has_paid else "new")
                    if not before
                    else "churn"
                    if not after
                    else "expansion"
                    if after > before
                    else "contraction"
                )
                month = day.replace(day=1)
                found.append((customer, month, kind, after - before, before, after))
            has_paid = has_paid or after > 0
            before = after
    return found


@settings(max_examples=12, deadline=None)
@given(st.lists(random_period(), min_size=1, max_size=12))
def test_random_periods_give_the_movements_of_a_plain_loop(periods):
    found = mrr_movements(table(periods), AS_OF).to_pylist()
    assert [tuple(row.values()) for row in found] == plain_movements(periods)


@settings(max_examples=6, deadline=None)
@given(st.lists(random_period(), min_size=1, max_size=12))
def test_start_and_movements_are_the_end_of_every_month(periods):
    kinds = ("new", "expansion", "contraction", "churn", "reactivation")
    for month in revenue_metrics(table(periods), AS_OF).to_pylist():
        moved = sum(month[f"{kind}_mrr"] for kind in kinds)
        assert month["mrr_start"] + moved == month["mrr_end"]
        day = next(d for d in measured_days() if d.replace(day=1) == month["month"])
        assert month["mrr_end"] == sum(mrr_of(periods, c, day) for c in "abc")
        if month["mrr_start"]:
            assert month["grr"] <= min(1, month["nrr"])
            assert abs(month["grr"] + month["revenue_churn_rate"] - 1) < 1e-5
        else:
            assert month["nrr"] is month["grr"] is month["revenue_churn_rate"] is None


def kinds_of(*periods: Period) -> dict[str, list[tuple[str, str]]]:
    rows = mrr_movements(table(list(periods)), AS_OF).to_pylist()
    return {
        customer: [(row["kind"], f"{row['month']:%m} {row['amount']}") for row in own]
        for customer, own in groupby(rows, key=lambda row: row["customer_id"])
    }


def test_a_change_of_plan_on_one_day_is_one_movement():
    assert kinds_of(
        period("a", "2025-01-31", "2025-02-28", 10),
        period("a", "2025-02-28", None, 25),
    ) == {"a": [("new", "01 10.00"), ("expansion", "02 15.00")]}


def test_of_two_subscriptions_one_that_ends_is_a_contraction():
    assert kinds_of(
        period("a", "2025-01-01", None, 10), period("a", "2025-02-01", "2025-04-30", 5)
    ) == {
        "a": [
            ("new", "01 10.00"),
            ("expansion", "02 5.00"),
            ("contraction", "04 -5.00"),
        ]
    }


def test_a_gap_within_a_month_is_nothing_and_a_longer_one_is_churn_and_return():
    assert kinds_of(
        period("a", "2025-01-01", "2025-02-03", 10),
        period("a", "2025-02-20", "2025-03-31", 10),
        period("a", "2025-05-01", None, 10),
    ) == {
        "a": [("new", "01 10.00"), ("churn", "03 -10.00"), ("reactivation", "05 10.00")]
    }


def test_who_cancelled_before_the_start_never_moved():
    assert kinds_of(period("a", "2025-03-01", "2025-02-20", 10)) == {}


def test_without_a_date_the_last_day_that_is_named_is_the_night():
    periods = [period("a", "2025-01-01", "2025-04-02", 10)]
    last = mrr_movements(table(periods)).to_pylist()[-1]
    assert (last["month"], last["kind"]) == (date(2025, 4, 1), "churn")
