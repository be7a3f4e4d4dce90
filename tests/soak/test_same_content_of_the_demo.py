"""The second night of the demo company, without what the first one kept.

The tables and hashes of smaller firms are compared in tests/pipeline.
"""

import shutil

import pytest

from tests.pipeline import world
from tests.pipeline.demo_company import SECOND, TwoNights, hashes

pytestmark = [pytest.mark.soak, pytest.mark.night]

# What remembers the predecessor may differ between one night and two.
FACTS = (
    "customer_features",
    "customer_mrr_monthly",
    "mrr_movements",
    "revenue_metrics_monthly",
    "mrr_invoice_reconciliation",
    "customer_people",
)
# So may what the cut points and the models that the predecessor fitted say.
REMEMBERED = ("r_score", "f_score", "m_score", "rfm_class")


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory) -> TwoNights:
    return TwoNights(tmp_path_factory.mktemp("both nights"))


def test_a_night_without_the_state_of_the_last_one_gives_the_same_hash(
    two_nights, tmp_path
):
    there = two_nights.with_the_second_before_it(tmp_path)
    for state in (there.home / "state").glob("*.duckdb"):
        state.unlink()
    said: list[str] = []
    release = world.run(there, SECOND, say=said.append)
    assert "no state of 2024-06-29-1 is kept: computing from raw" in said
    assert hashes(release) == hashes(two_nights.second)
    assert release.content_hash == two_nights.second.content_hash


def test_two_nights_know_what_one_night_over_all_files_knows(two_nights, tmp_path):
    there = world.make_home(tmp_path)
    shutil.copytree(
        two_nights.settings.landing_folder, there.landing_folder, dirs_exist_ok=True
    )
    at_once = world.run(there, SECOND)
    with world.side_by_side(night_by_night=two_nights.second, at_once=at_once) as both:
        for table in FACTS:
            assert (
                world.difference(both, table, "night_by_night", "at_once", REMEMBERED)
                == []
            )
