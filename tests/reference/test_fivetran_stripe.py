"""The seeds of fivetran's dbt_stripe, flat tables of Stripe, through declarations.

The package publishes no results of its own, so the numbers are calculated by hand from
its prices and quantities.
"""

from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.night import Night
from dagster_project.settings import REPOSITORY
from tests.pipeline import world

DATA = REPOSITORY.parent / "shared" / "data" / "fivetran_dbt_stripe"
pytestmark = [
    pytest.mark.night,
    pytest.mark.skipif(
        not DATA.is_dir(), reason=f"the seeds of dbt_stripe are not at {DATA}"
    ),
]

MINOR = {"path": "amount", "minor": "currency"}
PAID = {"payment_id": "id", "paid_at": "created", "currency": "currency"}
#: What a firm would write for tables of this shape.
SOURCES = {
    "payments__charges": {
        "feed": "payments",
        "path": "charge_data.csv",
        "fields": {
            **PAID,
            "billing_customer_id": "customer_id",
            "invoice_id": "invoice_id",
            "amount": MINOR,
            "status": "status",
            "failure_code": "failure_code",
        },
    },
    "payments__refunds": {
        "feed": "payments",
        "path": "refund_data.csv",
        "fields": {
            **PAID,
            "amount": MINOR,
            "status": {"value": "refunded"},
            "refund_of": "charge_id",
        },
    },
    "subscription_items": {
        "feed": "subscription_items",
        "path": "items.csv",
        "fields": {
            "subscription_id": "subscription_id",
            "item_id": "id",
            # The seeds hold two subscriptions, which are not those of the items.
            "billing_customer_id": "subscription_id",
            "plan_id": "plan_id",
            "status": {"value": "active"},
            "currency": {"path": "currency", "default": "usd"},
            "unit_amount": MINOR,
            "quantity": "quantity",
            "interval": "interval",
            "interval_count": "interval_count",
            "started_on": "created",
            "current_period_ends_on": "current_period_end",
        },
    },
}
#: A firm that has tables joins them in its export.
ITEMS = f"""
    copy (
        select items.*, amount, currency, interval, interval_count
        from read_csv('{DATA}/subscription_item_data.csv', all_varchar = true) as items
        left join read_csv('{DATA}/plan_data.csv', all_varchar = true) as plans
            on items.plan_id = plans.id
    ) to '{{}}' (header)
"""
MRR = {
    "zb1": "1500.0000",
    "ab2": "3000.0000",
    "5gh": "250.0000",
    "3gf": "900.0000",
    "214gfdg": "1760.2000",
    "fgds754": "450.0000",
    "dfgdw576": "400.0000",
    "rhsdr456": "3.0000",
    "3gds": "500.0000",
    "234rtgh": "800.0000",
    "658jfgh": "150.0000",
    "hfdstrt345": "345.0000",
    "634mfh": "1780.0000",
    "146gcb": "0.0000",
}


def test_flat_tables_of_stripe_give_their_prices_per_month(tmp_path: Path) -> None:
    declarations = tmp_path / "declarations"
    (declarations / "sources").mkdir(parents=True)
    for name, source in SOURCES.items():
        body = {**source, "format": "csv", "delivery": "upserts"}
        path = declarations / "sources" / f"{name}.yml"
        path.write_text(yaml.safe_dump(body), encoding="utf-8")
    settings = world.make_home(tmp_path / "firm", declarations=declarations)
    landing = settings.home / "landing"
    for name in ("charge_data.csv", "refund_data.csv"):
        (landing / name).write_bytes((DATA / name).read_bytes())
    duckdb.execute(ITEMS.format(landing / "items.csv"))
    with Night(settings, date(2025, 8, 26)) as night:
        night.ingest()
        night.build(
            "prepare", ["+int_billing__subscription_periods", "stg_billing__payments"]
        )
        with night.work() as connection:
            amounts = connection.execute(
                """select plan_id, monthly_amount::varchar
                from intermediate.int_billing__subscription_periods"""
            ).fetchall()
            payments = connection.execute(
                """select status, currency, count(*), sum(amount)::varchar
                from staging.stg_billing__payments group by all order by all"""
            ).fetchall()
    assert dict(amounts) == MRR
    assert payments == [
        ("failed", "USD", 16, "66776.9600"),
        ("refunded", "USD", 4, "23914.2100"),
    ]
