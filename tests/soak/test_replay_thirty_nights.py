"""Thirty nights of deliveries in disorder; every fifth is computed from nothing too."""

import random
from datetime import date, timedelta

import pytest

from tests.pipeline.disorder import Disorder
from tests.pipeline.replay import differing_after
from tests.pipeline.world import make_home, rules, run

pytestmark = [pytest.mark.soak, pytest.mark.night]

NIGHTS = 30
FIRST = date(2026, 3, 2)
MODELS = {
    "value": rules({"big": "mrr > 20"}, "small"),
    "visits": rules({"busy": "sessions_30d > 5", "seen": "events_total > 0"}, "idle"),
}


@pytest.mark.parametrize("timezone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_thirty_nights_equal_nights_that_compute_everything_from_nothing(
    tmp_path, timezone
):
    seed = random.SystemRandom().randrange(10**6)
    settings = make_home(tmp_path, MODELS, timezone=timezone)
    firm = Disorder(settings, seed)
    for night in range(NIGHTS):
        day = FIRST + timedelta(days=night)
        firm.land(day)
        if night % 5 < 4:
            run(settings, day)
            continue
        differing = differing_after(settings, day, tmp_path / "from nothing")
        assert differing == {}, f"{day}: rows that differ, by table, with seed {seed}"
