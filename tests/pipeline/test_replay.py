"""Five nights of late, early, repeated, corrected and withdrawn rows, replayed.

What goes on from night to night equals what is computed from nothing, row for row;
tests/soak replays thirty whole nights.
"""

from datetime import date, timedelta

import pytest

from tests.pipeline.disorder import Disorder
from tests.pipeline.replay import differing_after, run_state_only
from tests.pipeline.world import make_home, read, rules, run

pytestmark = pytest.mark.night

FIRST = date(2026, 3, 2)
SEED = 4
# A business day that is two UTC days.
TIMEZONE = "Pacific/Auckland"


def test_the_fifth_night_equals_one_that_computes_everything_from_nothing(tmp_path):
    models = {"value": rules({"big": "mrr > 20"}, "small")}
    settings = make_home(tmp_path, models, timezone=TIMEZONE)
    firm = Disorder(settings, SEED)
    firm.land(FIRST)
    first = run(settings, FIRST)
    (events,) = read(first, "select sum(events_total) from customer_features")
    assert events[0] > 30
    for night in range(1, 4):
        day = FIRST + timedelta(days=night)
        firm.land(day)
        run_state_only(settings, day)
    day = FIRST + timedelta(days=4)
    firm.land(day)
    differing = differing_after(settings, day, tmp_path / "from nothing")
    assert differing == {}, f"rows that differ, by table, with seed {SEED}"
