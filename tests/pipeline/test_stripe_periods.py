"""Stripe's objects become dated periods: from the landed files to the last model."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagster_project.night import Night
from tests.declarations.vendors.vendor_world import FOLDER
from tests.pipeline import world

pytestmark = pytest.mark.night

Rows = list[tuple[Any, ...]]
PERIODS = """
    select starts_on::varchar, ends_on::varchar, status, monthly_amount::varchar,
        currency
    from intermediate.int_billing__subscription_periods
    where starts_with(subscription_id, '{}/') order by starts_on
"""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Both samples, ingested and built up to the periods."""
    settings = world.make_home(tmp_path_factory.mktemp("stripe") / "a company")
    for shape in ("stripe_old", "stripe_current"):
        landing: Path = FOLDER / shape / "landing"
        shutil.copytree(landing, settings.home / "landing", dirs_exist_ok=True)
    with Night(settings, date(2026, 11, 20)) as night:
        night.ingest()
        night.build(
            "prepare", ["+int_billing__subscription_periods", "stg_billing__payments"]
        )
        yield night


def periods(night: Night, item: str) -> Rows:
    with night.work() as connection:
        return connection.execute(PERIODS.format(item)).fetchall()


def test_a_repeating_coupon_counts_within_its_three_months(night: Night) -> None:
    assert periods(night, "sub_OldAda/si_OldAda") == [
        ("2019-01-01", "2019-05-01", "active", "59.9700", "EUR"),
        ("2019-05-01", "2019-08-01", "active", "44.9775", "EUR"),
        ("2019-08-01", None, "active", "59.9700", "EUR"),
    ]


def test_an_annual_price_in_yen_counts_after_the_trial_until_it_is_cancelled(
    night: Night,
) -> None:
    assert periods(night, "sub_OldYuki/si_OldYuki1") == [
        ("2019-02-01", "2019-02-15", "trialing", "0.0000", "JPY"),
        ("2019-02-15", "2020-02-01", "active", "10000.0000", "JPY"),
    ]


def test_a_price_by_use_has_no_mrr_and_says_so(night: Night) -> None:
    assert periods(night, "sub_OldYuki/si_OldYuki2")[1:] == [
        ("2019-02-15", "2020-02-01", "usage", "0.0000", "EUR"),
    ]


def test_three_packs_every_two_weeks_are_65_a_month(night: Night) -> None:
    assert periods(night, "sub_OldYuki/si_OldYuki3")[1:] == [
        ("2019-02-15", "2020-02-01", "active", "65.0000", "EUR"),
    ]


def test_the_last_state_of_an_ended_subscription_tells_its_whole_life(
    night: Night,
) -> None:
    assert periods(night, "sub_OldEnded/si_OldEnded") == [
        ("2019-01-01", "2019-03-10", "active", "19.9900", "EUR"),
    ]
    assert periods(night, "sub_Dana/si_Dana") == [
        ("2026-03-01", "2026-10-31", "active", "10.0000", "KWD"),
    ]


def test_an_amount_off_is_shared_by_the_items_of_a_subscription(night: Night) -> None:
    """5.00 off each quarter are 1.6667 a month, of 30 and 5."""
    assert periods(night, "sub_Bea/si_Bea") == [
        ("2026-03-01", "2026-03-15", "trialing", "0.0000", "EUR"),
        ("2026-03-15", "2026-06-01", "active", "30.0000", "EUR"),
        ("2026-06-01", None, "active", "28.5714", "EUR"),
    ]
    assert periods(night, "sub_Bea/si_BeaSeats")[2:] == [
        ("2026-06-01", None, "active", "4.7619", "EUR"),
    ]


def test_a_pause_begins_when_it_is_first_seen(night: Night) -> None:
    assert periods(night, "sub_Cyd/si_Cyd") == [
        ("2026-03-01", "2026-11-20", "usage", "0.0000", "EUR"),
        ("2026-11-20", "2026-12-10", "paused", "0.0000", "EUR"),
    ]


def test_events_date_each_change(night: Night) -> None:
    assert periods(night, "sub_Eve/si_Eve") == [
        ("2026-11-19", "2026-11-20", "active", "15.0000", "EUR"),
        ("2026-11-20", None, "active", "60.0000", "EUR"),
    ]


def test_a_refund_finds_its_customer_through_the_charge(night: Night) -> None:
    with night.work() as connection:
        found = connection.execute(
            """select payment_id, billing_customer_id, invoice_id
            from staging.stg_billing__payments where status = 'refunded' order by all"""
        ).fetchall()
    assert found == [
        ("re_Bea", "cus_Bea", None),
        ("re_Old1", "cus_OldAda", "in_OldPercent"),
    ]


def test_what_mrr_cannot_know_is_reported(night: Night) -> None:
    with night.work() as connection:
        found = connection.execute(
            """select check_name, failing_rows from night.check_results
            where not passed and tool = 'dbt' order by all"""
        ).fetchall()
    assert found == [
        ("assert_every_subscription_has_a_price", 2),
        ("assert_one_discount_per_subscription_item", 1),
    ]
