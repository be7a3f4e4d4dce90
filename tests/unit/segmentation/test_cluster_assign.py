from decimal import Decimal

import numpy as np
import pytest
from cluster_world import AS_OF, FEATURES, company, load, segments, spec, two_blobs

from dagster_project.segmentation.champion import Champion, Cluster
from dagster_project.segmentation.cluster_sample import fit_axes, sample_vectors
from dagster_project.segmentation.cluster_space import Axis
from dagster_project.segmentation.clusters import assign_clusters, fit_champion

TARGET = "segmentation.cluster_assignments"


def hand_made() -> tuple[Champion, object]:
    """Two centres on a line: 0 and 10 sessions."""
    axes = (
        Axis("mrr", "none", 1.0, fill_value=0.0),
        Axis("sessions_30d", "none", 1.0),
    )
    quiet = Cluster("quiet", 3, (0.0, 0.0), (5.0, 0.0), (0.0, -1.0))
    busy = Cluster("busy", 2, (0.0, 10.0), (5.0, 10.0), (0.0, 1.0))
    declared = spec(
        features=[
            {"feature": "mrr", "transform": "none", "fill": "zero"},
            {"feature": "sessions_30d", "transform": "none"},
        ]
    )
    champion = Champion(
        "behaviour_clusters", "f", "n", AS_OF, axes, (quiet, busy), 0.8, 1.0
    )
    return champion, declared


def test_labels_are_those_of_scikit_learn_on_2000_customers():
    from sklearn.cluster import KMeans

    rows = two_blobs(2000)
    connection = company(rows, threads=2)
    settings = spec(k={"min": 4, "max": 4}, gates={"silhouette": -1, "stability": 0})
    champion = fit_champion(connection, settings)
    assert champion.k == 4
    centroids = np.array([cluster.centroid for cluster in champion.clusters])
    vectors = sample_vectors(
        connection, champion.axes, settings, "features.customer_features"
    )
    model = KMeans(n_clusters=4, init=centroids, n_init=1, max_iter=1).fit(vectors)
    model.cluster_centers_ = centroids
    assign_clusters(connection, champion, settings)
    found = connection.execute(
        f"select segment from {TARGET} order by md5(customer_id), customer_id"
    ).fetchall()
    expected = [champion.names[label] for label in model.predict(vectors)]
    assert [segment for (segment,) in found] == expected


@pytest.mark.parametrize(
    ("sessions", "segment", "margin", "confidence"),
    [
        (0, "quiet", "1", "1"),
        (2, "quiet", "0.6", "0.8"),
        (5, "quiet", "0", "0.5"),
        (9, "busy", "0.8", "0.9"),
    ],
    ids=["in the centre", "near", "on the border the first takes it", "other side"],
)
def test_margin_and_confidence_tell_how_clear_the_place_is(
    sessions, segment, margin, confidence
):
    champion, declared = hand_made()
    connection = company([("a", AS_OF, 0, sessions, None)])
    assign_clusters(connection, champion, declared)
    row = connection.execute(f"select segment, margin, confidence from {TARGET}")
    assert row.fetchone() == (segment, Decimal(margin), Decimal(confidence))


def test_the_reason_is_what_separates_the_cluster_from_the_next():
    champion, declared = hand_made()
    connection = company([("a", AS_OF, 7, 8, None)])
    assign_clusters(connection, champion, declared)
    assert connection.execute(f"from {TARGET}").fetchone()[6:] == (
        "quiet",
        Decimal(1),
        "centroid",
        "sessions_30d",
        "8",
        "10",
    )


def test_a_filled_value_is_never_given_as_the_reason():
    champion, _ = hand_made()
    swapped = spec(
        features=[
            {"feature": "mrr", "transform": "none"},
            {"feature": "sessions_30d", "transform": "none", "fill": "median"},
        ]
    )
    connection = company([("a", AS_OF, 1, None, None)])
    champion = Champion(
        **{
            **vars(champion),
            "axes": (
                Axis("mrr", "none", 1.0),
                Axis("sessions_30d", "none", 1.0, fill_value=9.0),
            ),
        }
    )
    assign_clusters(connection, champion, swapped)
    row = connection.execute(
        f"select segment, coverage, reason_feature, reason_value from {TARGET}"
    ).fetchone()
    assert row == ("busy", Decimal("0.5"), "mrr", "1")


def test_a_customer_without_a_needed_feature_is_unknown():
    rows = [
        *two_blobs(),
        ("no_sessions", AS_OF, 5, None, 9),
        ("no_nps", AS_OF, 5, 1, None),
    ]
    connection = company(rows)
    assign_clusters(connection, fit_champion(connection, spec()), spec())
    row = connection.execute(
        f"from {TARGET} where customer_id = 'no_sessions'"
    ).fetchone()
    assert row[3:] == (
        "unknown",
        Decimal(0),
        None,
        None,
        Decimal("0.666667"),
        "unknown",
        "sessions_30d",
        None,
        None,
    )
    assert segments(connection)["no_nps"] != "unknown"


def test_a_customer_of_whom_too_little_is_known_is_unknown():
    features = [feature | {"fill": "median"} for feature in FEATURES]
    rows = [
        *two_blobs(),
        ("little", AS_OF, None, 4, None),
        ("none", AS_OF, *[None] * 3),
    ]
    connection = company(rows)
    declared = spec(features=features)
    assign_clusters(connection, fit_champion(connection, declared), declared)
    found = connection.execute(
        f"select segment, coverage from {TARGET}"
        " where customer_id in ('little', 'none') order by customer_id"
    ).fetchall()
    assert found == [("unknown", Decimal("0.333333")), ("unknown", Decimal(0))]


def test_an_absent_feed_makes_everybody_unknown_and_fails_nothing():
    rows = [(name, day, mrr, None, nps) for name, day, mrr, _, nps in two_blobs(20)]
    connection = company(rows)
    champion = fit_champion(connection, spec())
    assert assign_clusters(connection, champion, spec()) == 20
    assert champion.fitted_customers == 0
    assert set(segments(connection).values()) == {"unknown"}


def test_one_percent_changed_customers_move_less_than_one_and_a_half_percent():
    rows = two_blobs(2000)
    connection = company(rows)
    champion = fit_champion(connection, spec())
    assign_clusters(connection, champion, spec())
    before = segments(connection)
    changed = [
        (*row[:2], 40 if row[2] > 500 else 3000, 60 if row[3] < 15 else 3, 10 - row[4])
        for row in rows[:20]
    ]
    load(connection, changed + rows[20:], "features.customer_features_spine")
    assign_clusters(connection, champion, spec())
    after = segments(connection)
    moved = sum(before[name] != after[name] for name in before)
    assert 0 < moved < 0.015 * len(rows)


def test_each_as_of_date_gets_its_own_row_and_a_second_run_adds_none():
    champion, declared = hand_made()
    rows = [("a", AS_OF, 0, 1, None), ("a", AS_OF.replace(day=1), 0, 9, None)]
    connection = company(rows)
    for _ in range(2):
        assert assign_clusters(connection, champion, declared) == 2
    query = f"select segment from {TARGET} order by as_of_date"
    assert connection.execute(query).fetchall() == [("busy",), ("quiet",)]


def test_other_models_keep_their_rows():
    champion, declared = hand_made()
    other = Champion(**{**vars(champion), "model": "other_clusters"})
    connection = company([("a", AS_OF, 0, 1, None)])
    for model in (champion, other, champion):
        assign_clusters(connection, model, declared)
    query = f"select model from {TARGET} order by model"
    assert connection.execute(query).fetchall() == [
        ("behaviour_clusters",),
        ("other_clusters",),
    ]


@pytest.mark.parametrize("transform", ["log", "robust", "standard", "none"])
def test_the_coordinates_of_sql_are_those_of_the_formula(transform):
    values = [-50.0, 0.0, 1.0, 2.0, 3.0, 4.0, 900.0]
    rows = [(f"c{n}", AS_OF, value, 1, 1) for n, value in enumerate(values)]
    connection = company(rows)
    declared = spec(features=[{"feature": "mrr", "transform": transform}])
    source = "features.customer_features"
    (axis,) = fit_axes(connection, declared, source)
    ordered = connection.execute(
        f"select mrr::double from {source} order by md5(customer_id)"
    ).fetchall()
    raw = np.array([value for (value,) in ordered])
    shaped = np.sign(raw) * np.log1p(np.abs(raw)) if transform == "log" else raw
    if axis.low is not None:
        shaped = np.clip(shaped, *np.percentile(shaped, (1, 99)))
    center, scale = {
        "standard": (shaped.mean(), shaped.std()),
        "none": (0, 1),
    }.get(
        transform,
        (np.median(shaped), max(np.ptp(np.percentile(shaped, (25, 75))), shaped.std())),
    )
    vectors = sample_vectors(connection, (axis,), declared, source)
    assert vectors[:, 0] == pytest.approx((shaped - center) / scale, abs=1e-7)


def test_a_constant_feature_divides_by_one():
    rows = [(f"c{n}", AS_OF, 5, n, 1) for n in range(5)]
    declared = spec(features=[{"feature": "mrr"}, {"feature": "nps_score"}])
    axes = fit_axes(company(rows), declared, "features.customer_features")
    assert [axis.scale for axis in axes] == [1.0, 1.0]
