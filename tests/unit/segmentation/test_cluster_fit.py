import numpy as np
import pytest
from cluster_world import AS_OF, FEATURES, company, segments, spec, two_blobs

from dagster_project.errors import DeclarationError, SegmentsError
from dagster_project.segmentation.champion import EVERYONE
from dagster_project.segmentation.clusters import (
    Champion,
    assign_clusters,
    fit_champion,
    read_champions,
    write_champions,
)


def noise(customers: int = 400) -> list[tuple]:
    random = np.random.default_rng(3)
    draws = random.random((customers, 3)) * [1000, 100, 10]
    return [
        (f"c{place}", AS_OF, round(mrr, 2), round(sessions), round(nps))
        for place, (mrr, sessions, nps) in enumerate(draws)
    ]


def test_two_obvious_groups_are_found_and_named():
    connection = company(two_blobs())
    champion = fit_champion(connection, spec())
    assert champion.k == 2
    assert champion.silhouette > 0.7
    assert champion.stability == 1.0
    assert champion.fitted_on == AS_OF
    assert champion.names == [
        "low MRR, high sessions, promoters",
        "high MRR, low sessions, detractors",
    ]
    assign_clusters(connection, champion, spec())
    found = segments(connection)
    assert {found[f"c{n:05}"] for n in range(0, 200, 2)} == {champion.names[1]}
    assert {found[f"c{n:05}"] for n in range(1, 200, 2)} == {champion.names[0]}


def test_the_typical_values_are_medians_in_the_features_own_units():
    connection = company(two_blobs())
    champion = fit_champion(connection, spec())
    query = """select median(mrr::double), median(sessions_30d), median(nps_score)
        from features.customer_features where mrr > 500"""
    assert champion.clusters[1].typical == connection.execute(query).fetchone()


@pytest.mark.parametrize("threads", [1, 2])
def test_order_of_rows_and_threads_change_nothing(threads):
    rows = two_blobs(3000)
    settings = spec(sample=500, k={"min": 2, "max": 3})
    straight = fit_champion(company(rows), settings)
    shuffled = [rows[place] for place in np.random.default_rng(2).permutation(3000)]
    assert fit_champion(company(shuffled, threads), settings) == straight


def test_uniform_noise_has_no_structure():
    connection = company(noise())
    settings = spec(
        features=[{"feature": f["feature"], "transform": "robust"} for f in FEATURES],
        gates={"silhouette": 0.35},
    )
    champion = fit_champion(connection, settings)
    assert champion.names == [EVERYONE]
    assert (champion.silhouette, champion.stability) == (None, None)
    assign_clusters(connection, champion, settings)
    assert set(segments(connection).values()) == {EVERYONE}


def test_groups_that_depend_on_who_is_in_the_sample_are_not_accepted():
    settings = spec(gates={"silhouette": -1, "min_share": 0, "stability": 0.99})
    assert fit_champion(company(noise(60)), settings).names == [EVERYONE]


def test_a_group_below_the_least_share_is_not_accepted():
    rows = two_blobs(194)[1::2] + [(f"r{n}", AS_OF, 900_000, 1, 0) for n in range(3)]
    settings = spec(k={"min": 2, "max": 2}, gates={"min_share": 0.05})
    assert fit_champion(company(rows), settings).names == [EVERYONE]


def test_the_polish_finds_the_centroids_of_all_customers():
    rows = two_blobs(3000)
    settings = spec(sample=100, k={"min": 2, "max": 2})
    polished = fit_champion(company(rows), settings)
    rough = fit_champion(company(rows), settings.model_copy(update={"polish": False}))
    assert polished.fitted_customers == rough.fitted_customers == 3000
    whole = fit_champion(company(rows), spec(k={"min": 2, "max": 2}))
    distance = [
        abs(one.typical[0] - other.typical[0])
        for one, other in zip(polished.clusters, whole.clusters, strict=True)
    ]
    assert max(distance) < 1
    assert polished.axes == rough.axes
    assert polished.champion_id != rough.champion_id


def test_a_weight_of_two_counts_like_the_feature_twice():
    rows = two_blobs()
    plain, weighted = (
        fit_champion(
            company(rows),
            spec(features=[FEATURES[0], FEATURES[1] | {"weight": w}, FEATURES[2]]),
        )
        for w in (1, 2)
    )
    ratio = weighted.clusters[0].centroid[1] / plain.clusters[0].centroid[1]
    assert ratio**2 == pytest.approx(2)


@pytest.mark.parametrize("rows", [[("a", AS_OF, 5, None, None)], two_blobs(2)])
def test_too_few_customers_are_everyone_and_not_an_error(rows):
    champion = fit_champion(company(rows), spec())
    assert champion.names == [EVERYONE]


def test_no_customers_at_all_is_a_readable_error():
    with pytest.raises(SegmentsError, match="customer_features has no rows"):
        fit_champion(company([]), spec())


def test_an_unknown_feature_is_named_with_a_suggestion():
    wrong = spec(features=[{"feature": "sesions_30d"}])
    with pytest.raises(DeclarationError, match="did you mean sessions_30d"):
        fit_champion(company(two_blobs(4)), wrong)


def test_a_feature_that_is_no_number_is_refused():
    wrong = spec(features=[{"feature": "customer_id"}])
    message = r"features\[0\].feature: 'customer_id' is varchar, clusters need numbers"
    with pytest.raises(DeclarationError, match=message):
        fit_champion(company(two_blobs(4)), wrong)


def test_a_model_survives_its_table():
    connection = company(two_blobs())
    champion = fit_champion(connection, spec())
    assert write_champions(connection, [champion]) == 6
    rows = read_champions(connection, "segmentation.cluster_models")
    assert Champion.from_rows(reversed(rows)) == champion
    assert rows[0]["champion_id"] == champion.champion_id


def test_a_model_with_missing_rows_is_refused():
    rows = fit_champion(company(two_blobs()), spec()).to_rows()
    with pytest.raises(ValueError, match="rows are missing"):
        Champion.from_rows(rows[:-1])
