"""A night over all vendors' samples publishes what our own columns would."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from dagster_project.gates.waivers import accept_check
from dagster_project.settings import REPOSITORY, Settings
from tests.declarations.vendors.own_columns import (
    declare_own_columns,
    deliver_own_columns,
)
from tests.declarations.vendors.vendor_world import FOLDER, golden_files, vendors
from tests.pipeline.world import (
    declare,
    difference,
    make_home,
    rules,
    run,
    side_by_side,
)

NIGHT = date(2026, 11, 20)
#: The samples have yen, and the shipped rates only euros.
WITHOUT_A_RATE = "assert_every_currency_has_a_rate"
MODELS = {"opinion": rules({"happy": "nps_score >= 9"}, "other")}


def home_of_vendors(folder: Path) -> Settings:
    declarations = folder / "declarations"
    declare(declarations, MODELS)
    (declarations / "sources").mkdir()
    for path in (REPOSITORY / "sources").glob("*__*.yml"):
        shutil.copy(path, declarations / "sources")
    settings = make_home(folder, declarations=declarations, settle_seconds=0)
    accept_check(settings, WITHOUT_A_RATE, NIGHT, NIGHT, "samples")
    accept_check(settings, "quarantine_share", NIGHT, NIGHT, "a quarter is bad")
    for vendor in vendors():
        landing = FOLDER / vendor / "landing"
        shutil.copytree(landing, settings.landing_folder, dirs_exist_ok=True)
    return settings


def home_of_our_own(folder: Path) -> Settings:
    declarations = folder / "declarations"
    declare(declarations, MODELS)
    feeds = {feed for vendor in vendors() for feed in golden_files(vendor)}
    declare_own_columns(declarations / "sources", sorted(feeds))
    settings = make_home(folder, declarations=declarations, settle_seconds=0)
    accept_check(settings, WITHOUT_A_RATE, NIGHT, NIGHT, "samples")
    deliver_own_columns(settings.landing_folder, vendors())
    return settings


@pytest.mark.night
def test_a_night_over_all_vendors_publishes_what_our_own_columns_would(
    tmp_path: Path,
) -> None:
    theirs = run(home_of_vendors(tmp_path / "vendors"), NIGHT)
    ours = run(home_of_our_own(tmp_path / "own"), NIGHT)
    with side_by_side(theirs=theirs, ours=ours) as both:
        for table in ("customer_features", "customer_identities", "customer_segments"):
            assert difference(both, table, "theirs", "ours") == [], table
        customers = both.execute(
            "select count(*) from theirs.customer_features"
        ).fetchall()
    assert customers[0][0] > 10
