"""Stripe's objects, in the shapes of its API of 2017 to 2019 and of today."""

from pathlib import Path

import pytest

from dagster_project.ingest.feeds import FEEDS
from tests.declarations.vendors.vendor_world import (
    FOLDER,
    expected_quarantine,
    expected_rows,
    golden_files,
    home_of,
    load,
    quarantined,
    raw_rows,
    shipped_sources,
)

FED = {
    "billing_customers",
    "products",
    "plans",
    "subscription_items",
    "invoice_lines",
    "payments",
}


@pytest.mark.parametrize("shape", ["stripe_old", "stripe_current"])
def test_objects_of_either_shape_become_the_rows_written_by_hand(
    tmp_path: Path, shape: str
) -> None:
    settings = home_of(tmp_path, [FOLDER / shape / "landing"])
    load(settings, shipped_sources())
    golden = golden_files(shape)
    assert set(golden) == FED
    for feed, path in golden.items():
        assert raw_rows(settings, FEEDS[feed]) == expected_rows(FEEDS[feed], path), feed
    assert quarantined(settings) == expected_quarantine(shape)
