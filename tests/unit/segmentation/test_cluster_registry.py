from cluster_world import AS_OF, company, spec, two_blobs

from dagster_project.segmentation.clusters import cluster_rows, fit_champion


def test_the_registry_tells_what_is_typical_of_each_cluster():
    champion = fit_champion(company(two_blobs()), spec())
    rows = cluster_rows(champion, spec())
    assert [row["segment"] for row in rows] == [*champion.names, "unknown"]
    assert [row["segment_order"] for row in rows] == [1, 2, 3]
    assert rows[1]["means"] == "Typical: mrr 2979.7, sessions_30d 3, nps_score 2"
    centers = f"the nearest of 2 centers of model {champion.champion_id}"
    assert rows[0]["rule"] == f"{centers}, fitted on 2026-11-21"


def test_the_registry_tells_who_is_unknown():
    unknown = cluster_rows(fit_champion(company(two_blobs()), spec()), spec())[-1]
    least = "less than 50% of the features are known"
    assert unknown["rule"] == f"{least}, or sessions_30d is not"


def test_the_registry_says_when_no_structure_was_found():
    champion = fit_champion(company([("a", AS_OF, 1, 1, 1)]), spec())
    everyone, unknown = cluster_rows(champion, spec())
    assert (everyone["segment"], everyone["rule"]) == (
        "everyone",
        "no structure was found",
    )
    assert unknown["segment"] == "unknown"
