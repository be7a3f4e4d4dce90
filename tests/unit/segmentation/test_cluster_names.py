import pytest
from cluster_world import spec

from dagster_project.segmentation.cluster_names import name_clusters

FOUR = spec(
    features=[
        {"feature": "mrr"},
        {"feature": "sessions_prev_30d"},
        {"feature": "nps_score", "words": {"high": "promoters", "low": "detractors"}},
        {"feature": "carts_30d"},
    ]
)


@pytest.mark.parametrize(
    ("effects", "name"),
    [
        ((1.2, -0.9, -0.6, 0.1), "high MRR, low sessions, detractors"),
        ((0.3, -0.6, 2.0, 0.0), "low sessions, promoters"),
        ((0.1, 0.2, 0.3, -0.4), "promoters, low carts"),
        ((0.1, 0.15, -0.1, 0.0), "average"),
        ((0.9, 0.8, 0.6, 0.7), "high MRR, high sessions, high carts"),
    ],
)
def test_a_name_tells_what_sets_a_cluster_apart(effects, name):
    assert name_clusters(FOUR, [effects]) == [name]


def test_names_that_would_be_equal_tell_one_thing_more():
    names = name_clusters(FOUR, [(0.9, 0.8, 0.7, 0.6), (0.9, 0.8, 0.7, -0.6)])
    assert names == [
        "high MRR, high sessions, promoters, high carts",
        "high MRR, high sessions, promoters, low carts",
    ]


def test_names_that_stay_equal_are_numbered():
    assert name_clusters(FOUR, [(0.0,) * 4, (0.0,) * 4]) == ["average", "average (2)"]


def test_a_name_that_is_taken_is_not_given_again():
    assert name_clusters(FOUR, [(0.0,) * 4], taken=["average"]) == ["average (2)"]
