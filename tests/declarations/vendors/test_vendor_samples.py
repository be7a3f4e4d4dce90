"""Each vendor's documented delivery becomes the rows that were written by hand."""

import gzip
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
    vendors,
)

SHIPPED = (
    "access_log",
    "delighted",
    "ga4",
    "posthog",
    "qualtrics",
    "segment",
    "snowplow",
    "surveymonkey",
    "typeform",
)


def test_every_shipped_vendor_has_a_sample() -> None:
    assert set(SHIPPED) <= set(vendors())


@pytest.mark.parametrize("vendor", SHIPPED)
def test_a_delivery_becomes_the_rows_written_by_hand(
    tmp_path: Path, vendor: str
) -> None:
    settings = home_of(tmp_path, [FOLDER / vendor / "landing"])
    load(settings, shipped_sources())
    for feed, golden in golden_files(vendor).items():
        assert raw_rows(settings, FEEDS[feed]) == expected_rows(FEEDS[feed], golden)
    assert quarantined(settings) == expected_quarantine(vendor)


@pytest.mark.parametrize("vendor", ["segment", "snowplow"])
def test_a_packed_delivery_is_the_same_delivery(tmp_path: Path, vendor: str) -> None:
    settings = home_of(tmp_path, [FOLDER / vendor / "landing"])
    for path in list((settings.landing_folder / vendor).iterdir()):
        packed = path.with_name(f"{path.name}.gz")
        packed.write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    load(settings, shipped_sources())
    golden = golden_files(vendor)["web_events"]
    feed = FEEDS["web_events"]
    assert raw_rows(settings, feed) == expected_rows(feed, golden)
