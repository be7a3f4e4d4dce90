from datetime import timedelta

import pytest
from cluster_world import AS_OF, FEATURES, company, load, spec, two_blobs

from dagster_project.segmentation.champion import EVERYONE, Champion
from dagster_project.segmentation.clusters import (
    challenge,
    champion_for_tonight,
    fit_champion,
)

LATER = AS_OF + timedelta(days=30)
SOURCE = "features.customer_features"


def dated(rows: list[tuple], day=LATER) -> list[tuple]:
    return [(row[0], day, *row[2:]) for row in rows]


def third_blob(customers: int = 100) -> list[tuple]:
    """Free users of a new kind: no money, no complaints, always there."""
    return [(f"n{place:05}", AS_OF, 1, 4000 + place, 5) for place in range(customers)]


def test_the_first_night_fits_a_model():
    connection = company(two_blobs())
    champion, decision = champion_for_tonight(connection, spec(), [], AS_OF)
    assert decision["decision"] == "first"
    assert decision["champion_id"] == champion.champion_id


def test_the_frozen_model_of_the_last_release_assigns_the_next_night():
    connection = company(two_blobs())
    champion = fit_champion(connection, spec())
    load(connection, dated(two_blobs(seed=2)), SOURCE)
    day = AS_OF + timedelta(days=29)
    kept, decision = champion_for_tonight(connection, spec(), champion.to_rows(), day)
    assert decision["decision"] == "kept"
    assert kept == champion


@pytest.mark.parametrize(
    "change",
    [{"seed": 8}, {"k": {"min": 2, "max": 3}}, {"features": FEATURES[:2]}],
    ids=["seed", "k", "features"],
)
def test_another_declaration_of_the_fit_asks_for_a_new_model(change):
    connection = company(two_blobs())
    rows = fit_champion(connection, spec()).to_rows()
    champion, decision = champion_for_tonight(connection, spec(**change), rows, AS_OF)
    assert decision["decision"] == "definition"
    assert champion.fingerprint != rows[0]["fingerprint"]


def test_other_words_rename_the_segments_and_move_nobody():
    connection = company(two_blobs())
    before = fit_champion(connection, spec())
    words = FEATURES[0] | {"words": {"high": "big spenders", "low": "small spenders"}}
    renamed = spec(features=[words, *FEATURES[1:]])
    after, _ = champion_for_tonight(connection, renamed, before.to_rows(), AS_OF)
    assert after.champion_id == before.champion_id
    assert after.names[0] == "small spenders, high sessions, promoters"


def test_a_model_fitted_on_nobody_is_not_frozen():
    empty = [(*row[:3], None, row[4]) for row in two_blobs(20)]
    rows = fit_champion(company(empty), spec()).to_rows()
    champion, decision = champion_for_tonight(company(two_blobs()), spec(), rows, AS_OF)
    assert decision["decision"] == "first"
    assert champion.k == 2


def test_rows_of_other_models_are_left_aside():
    connection = company(two_blobs())
    other = fit_champion(connection, spec(name="other_clusters")).to_rows()
    _, decision = champion_for_tonight(connection, spec(), other, AS_OF)
    assert decision["decision"] == "first"


def test_a_challenger_that_is_not_better_leaves_the_champion():
    connection = company(two_blobs())
    champion = fit_champion(connection, spec())
    load(connection, dated(two_blobs()), SOURCE)
    kept, decision = champion_for_tonight(connection, spec(), champion.to_rows(), LATER)
    assert decision["decision"] == "rejected"
    assert "is not 0.02 above" in decision["reason"]
    assert decision["moved_share"] == 0
    assert kept.champion_id == champion.champion_id
    assert (kept.fitted_on, kept.challenged_on) == (AS_OF, LATER)


def test_after_a_challenge_the_next_one_waits_its_turn():
    connection = company(two_blobs())
    champion = fit_champion(connection, spec())
    load(connection, dated(two_blobs()), SOURCE)
    rejected, _ = champion_for_tonight(connection, spec(), champion.to_rows(), LATER)
    day = LATER + timedelta(days=1)
    _, decision = champion_for_tonight(connection, spec(), rejected.to_rows(), day)
    assert decision["decision"] == "kept"


def test_a_better_challenger_wins_and_groups_that_stay_keep_their_names():
    connection = company(two_blobs(400))
    champion = fit_champion(connection, spec()).with_names(["regulars", "payers"])
    load(connection, dated(two_blobs(400) + third_blob(90)), SOURCE)
    winner, decision = challenge(connection, spec(), champion)
    assert decision["decision"] == "promoted"
    assert decision["moved_share"] == pytest.approx(90 / 490, abs=0.001)
    assert winner.k == 3
    assert {"regulars", "payers"} < set(winner.names)
    assert winner.fitted_on == LATER


def test_a_challenger_that_would_move_too_many_is_refused():
    connection = company(two_blobs(400))
    champion = fit_champion(connection, spec())
    load(connection, dated(two_blobs(400) + third_blob(200)), SOURCE)
    kept, decision = challenge(connection, spec(), champion)
    assert decision["decision"] == "rejected"
    assert decision["reason"] == "33.3% would change cluster, 20.0% may"
    assert kept.clusters == champion.clusters


def test_without_any_structure_tonight_the_champion_stays():
    connection = company(two_blobs())
    champion = fit_champion(connection, spec())
    load(connection, dated([("a", AS_OF, 5, 5, 5), ("b", AS_OF, 5, 5, 5)]), SOURCE)
    kept, decision = challenge(connection, spec(), champion)
    assert decision["reason"] == "no clustering passes the gates"
    assert kept.clusters == champion.clusters


def test_structure_that_appears_replaces_everyone():
    alike = [(f"c{place}", AS_OF, 5, 5, 5) for place in range(50)]
    rows = fit_champion(company(alike), spec()).to_rows()
    assert Champion.from_rows(rows).names == [EVERYONE]
    connection = company(dated(two_blobs()))
    champion, decision = champion_for_tonight(connection, spec(), rows, LATER)
    assert decision["decision"] == "promoted"
    assert champion.k == 2
