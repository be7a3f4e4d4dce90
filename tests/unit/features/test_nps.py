"""NPS of any scores, by the SQL of the published table."""

import pytest

from dagster_project.features.nps import nps


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], (0, None, None)),
        ([None, 11, -1, 9.5, float("nan")], (0, None, None)),
        ([10, 10], (2, 1.0, 0.0)),
        # p = 1/2, d = 1/4: sqrt((3/4 - 1/16) / 4).
        ([9, 10, 8, 6], (4, 0.25, 0.414578)),
    ],
    ids=["nobody", "nothing_valid", "promoters", "all_classes"],
)
def test_it_is_the_share_of_promoters_less_that_of_detractors(scores, expected):
    assert nps(scores) == pytest.approx(expected, abs=5e-7)
