"""Nights killed at moments that nobody chose, in the middle of whatever they did."""

import random

import pytest

from dagster_project.publish.pointer import accepted_releases
from dagster_project.publish.verify import verify
from tests.pipeline import firm
from tests.pipeline.world import read, run

pytestmark = [pytest.mark.soak, pytest.mark.night]

KILLS = 40
LONGEST_SECONDS = 30.0


def test_no_moment_of_a_kill_spoils_the_release_or_the_next_run(tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "a firm"
    undisturbed = firm.undisturbed_second_night(folder).content_hash
    settings = firm.after_second_day(folder)
    first = accepted_releases(settings)[0].content_hash
    moments = random.Random(20)
    for _ in range(KILLS):
        firm.kill_after(settings, firm.SECOND, moments.uniform(0, LONGEST_SECONDS))
        current = accepted_releases(settings)[-1]
        assert firm.current_id(settings) == current.release_id
        assert verify(settings, current.release_id) == []
        assert current.content_hash in {first, undisturbed}
        rows = read(current, "select count(*) from customer_features")
        assert rows == [(firm.CUSTOMERS,)]
    assert run(settings, firm.SECOND).content_hash == undisturbed
