"""A cluster is a promise from night to night: who did not change stays where he is.

The demo company lives through its next day, on which one customer in a hundred becomes
somebody else.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from dagster_project.demo import generate
from dagster_project.publish.catalogue import Release
from tests.pipeline import world
from tests.pipeline.world import at, event

pytestmark = pytest.mark.night

FIRST = date(2024, 6, 29)
SECOND = FIRST + timedelta(days=1)
CHANGED, MOVED = 0.01, 0.015
MODEL = "behaviour_clusters"

# Unhappy customers who hardly use the product, with a user to act for each.
UNHAPPY = """
select customer_id, min(id_value) as user_id
from customer_features
inner join customer_identities using (customer_id)
where id_type = 'user_id' and nps_score <= 3 and features_used_30d <= 1
group by customer_id
order by customer_id
"""


class TwoNights(NamedTuple):
    """Both releases and the customers who changed in between."""

    first: Release
    second: Release
    changed: set[str]

    def clusters(self, release: Release) -> dict[str, str]:
        """Customer -> cluster."""
        clusters = f"from customer_segments where model = '{MODEL}'"
        return dict(world.read(release, f"select customer_id, segment {clusters}"))

    @property
    def moved(self) -> set[str]:
        """Customers of both nights whose cluster is not the same."""
        before, now = self.clusters(self.first), self.clusters(self.second)
        return {key for key in before.keys() & now.keys() if before[key] != now[key]}


def _delight(user_id: str) -> dict[str, list[world.Row]]:
    """A day on which a user tries everything and recommends us."""
    used = [
        event(
            f"{user_id} uses {number}",
            at(SECOND, f"09:0{number}"),
            event_type="track",
            event_name="feature_used",
            feature=f"feature {number}",
            user_id=user_id,
        )
        for number in range(8)
    ]
    answer: dict[str, Any] = {
        "response_id": f"delight of {user_id}",
        "question_id": "recommend",
        "user_id": user_id,
        "survey_kind": "nps",
        "answer_number": 10,
        "submitted_at": at(SECOND, "10:00"),
    }
    return {"web_events": used, "survey_responses": [answer]}


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> TwoNights:
    settings = world.make_home(tmp_path_factory.mktemp("clusters"))
    landing = settings.landing_folder
    generate(customers=400, days=200, end=FIRST, out=landing)
    first = world.run(settings, FIRST)
    customers = world.read(first, "select count(*) from customer_features")[0][0]
    chosen = world.read(first, UNHAPPY)[: int(customers * CHANGED)]
    generate(out=landing, append_day=True)
    for _, user_id in chosen:
        world.deliver(settings, f"{SECOND}-{user_id}", **_delight(user_id))
    second = world.run(settings, SECOND)
    return TwoNights(first, second, {customer for customer, _ in chosen})


def test_the_company_has_clusters_to_move_between(nights):
    sizes = list(nights.clusters(nights.first).values())
    assert len(sizes) > 300
    assert len(set(sizes)) >= 3
    assert len(nights.changed) == int(len(sizes) * CHANGED) >= 3


def test_the_champion_of_the_first_night_assigns_the_second(nights):
    champions = (
        f"select distinct champion_id from cluster_models where model = '{MODEL}'"
    )
    assert world.read(nights.first, champions) == world.read(nights.second, champions)


def test_who_changed_is_in_another_cluster_because_of_his_behaviour(nights):
    assert nights.changed <= nights.moved
    keys = ", ".join(f"'{key}'" for key in nights.changed)
    causes = world.read(
        nights.second,
        "select change_cause, count(*) from customer_segment_history "
        f"where model = '{MODEL}' and valid_from = '{SECOND}' "
        f"and customer_id in ({keys}) group by change_cause",
    )
    assert causes == [("behaviour", len(nights.changed))]


def test_one_percent_changed_moves_less_than_one_and_a_half(nights):
    assert len(nights.moved) < MOVED * len(nights.clusters(nights.first))
