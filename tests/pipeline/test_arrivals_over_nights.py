"""What a delivery looks like next to those of accepted nights, over whole nights."""

from datetime import date, timedelta

import pytest

from tests.pipeline.world import at, deliver, event, make_home, read, rules, run

pytestmark = pytest.mark.night

DAY = date(2026, 11, 3)
SMALL = {"value": rules({"big": "revenue_12m > 100"}, "small")}


def deliver_day(settings, day):
    visit = event(f"visit-{day}", at(day, "06:00"), user_id="u1")
    nothing = dict.fromkeys(("survey_responses", "subscriptions", "invoice_lines"), [])
    deliver(settings, day, web_events=[visit], **nothing)


def deliver_products(settings, day, rows, *columns):
    path = settings.landing_folder / f"catalogue/products-{day}.csv"
    path.parent.mkdir(exist_ok=True)
    lines = [",".join(f"{column}{n}" for column in columns) for n in range(rows)]
    path.write_text("\n".join([",".join(columns), *lines]) + "\n")


def test_columns_that_come_and_go_are_named_and_lost_values_warn(tmp_path):
    settings = make_home(tmp_path, SMALL)
    deliver_day(settings, DAY)
    deliver_products(settings, DAY, 60, "product_id", "name", "category", "shelf")
    first = run(settings, DAY)
    assert read(
        first, "select column_name, change, is_first_file from schema_drift"
    ) == [("shelf", "new", True)]
    profile = read(
        first,
        "select rows, nulls from source_profiles"
        " where feed = 'products' and column_name in ('category', 'price')"
        " order by column_name",
    )
    assert profile == [(60, 0), (60, 60)]

    after = DAY + timedelta(days=1)
    deliver_day(settings, after)
    deliver_products(settings, after, 60, "product_id", "name", "margin", "shelf")
    second = run(settings, after)
    warnings = "\n".join(second.manifest["gates"]["warnings"])
    assert "schema_drift__products: vanished category, new margin" in warnings
    assert "raw.products between__null_change" in warnings
    drifted = "select change, column_name, first_seen_in, files from schema_drift"
    path = f"catalogue/products-{after}.csv"
    assert read(second, f"{drifted} where source = 'products'") == [
        ("new", "margin", path, 1),
        ("vanished", "category", path, 1),
    ]
    assert read(
        second,
        "select is_required, new_files, new_rows, days_old from source_freshness"
        " where feed in ('products', 'web_events') order by feed",
    ) == [(False, 1, 60, None), (True, 1, 1, 0)]
