"""Eight customers over five nights, against a history that was written by hand.

Ada goes small -> big -> small, Ben gets a late event, Cleo an early one and an upgrade
on the night that is held, Dan leaves, Eva and Finn begin to pay, Gus and Hana turn out
to be one. On the last night the segment `small` is called `starter`.
"""

import pytest

from dagster_project.publish.status import read_log
from tests.pipeline import eight_customers as story
from tests.pipeline import world
from tests.pipeline.eight_customers import FRI, MON, THU, TUE, WED, Week
from tests.pipeline.world import at

pytestmark = pytest.mark.night

HISTORY = """
Ada   value   small    2024-02-29  2024-03-12  first
Ada   value   big      2024-03-12  2024-03-14  behaviour
Ada   value   small    2024-03-14  2024-03-15  behaviour
Ada   value   starter  2024-03-15  -           definition
Ada   visits  seen     2024-02-29  -           first
Ben   value   big      2024-02-29  -           first
Ben   visits  seen     2024-02-29  2024-03-14  first
Ben   visits  busy     2024-03-14  -           data
Cleo  value   small    2024-03-11  2024-03-14  first
Cleo  value   big      2024-03-14  -           behaviour
Cleo  visits  seen     2024-03-11  2024-03-12  first
Cleo  visits  busy     2024-03-12  -           behaviour
Dan   value   small    2024-03-11  2024-03-15  first
Dan   value   none     2024-03-15  -           behaviour
Dan   visits  unknown  2024-03-11  -           first
Eva   value   none     2024-03-11  2024-03-15  first
Eva   value   starter  2024-03-15  -           behaviour
Eva   visits  idle     2024-03-11  2024-03-12  first
Eva   visits  seen     2024-03-12  -           behaviour
Finn  value   unknown  2024-03-11  2024-03-12  first
Finn  value   small    2024-03-12  2024-03-15  behaviour
Finn  value   starter  2024-03-15  -           definition
Finn  visits  seen     2024-03-11  2024-03-12  first
Finn  visits  busy     2024-03-12  -           behaviour
Gus   value   unknown  2024-03-11  -           first
Gus   visits  seen     2024-03-11  2024-03-14  first
Gus   visits  busy     2024-03-14  -           identity
Hana  value   unknown  2024-03-11  2024-03-14  first
Hana  visits  seen     2024-03-11  2024-03-14  first
"""

# What does not remember earlier nights.
FACTS = (
    "customer_features",
    "customer_mrr_monthly",
    "mrr_movements",
    "revenue_metrics_monthly",
    "mrr_invoice_reconciliation",
    "customer_people",
)

KEY_LOG = """
2024-03-11  new    -     Ada
2024-03-11  new    -     Ben
2024-03-11  new    -     Cleo
2024-03-11  new    -     Dan
2024-03-11  new    -     Eva
2024-03-11  new    -     Finn
2024-03-11  new    -     Gus
2024-03-11  new    -     Hana
2024-03-14  merge  Hana  Gus
"""


@pytest.fixture(scope="module")
def week(tmp_path_factory) -> Week:
    return Week(tmp_path_factory.mktemp("eight customers"))


def _table(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


def _words(rows, names: dict[str, str]) -> list[list[str]]:
    return sorted(
        [names.get(v, str(v)) if v is not None else "-" for v in row] for row in rows
    )


def test_the_history_is_the_one_written_by_hand(week):
    rows = world.read(
        week.releases[FRI],
        "select customer_id, model, segment, valid_from, valid_to, change_cause "
        "from customer_segment_history",
    )
    assert _words(rows, week.names) == sorted(_table(HISTORY))


def test_the_key_log_is_the_one_written_by_hand(week):
    rows = world.read(
        week.releases[FRI],
        "select changed_on, kind, old_customer_id, new_customer_id "
        "from customer_key_log",
    )
    assert _words(rows, week.names) == sorted(_table(KEY_LOG))


def test_a_held_night_leaves_the_release_before_it_and_no_trace_in_the_history(week):
    assert "assert_every_currency_has_a_rate" in week.held
    assert week.current_while_held.release_id == f"{TUE}-1"
    assert week.releases[THU].manifest["predecessor"] == f"{TUE}-1"
    decisions = [(one.as_of, one.decision) for one in read_log(week.settings)]
    assert decisions == [
        (MON, "published"),
        (TUE, "published"),
        (WED, "held"),
        (THU, "published"),
        (FRI, "published"),
    ]


def test_a_customer_who_came_back_to_a_segment_says_where_he_was_before(week):
    rows = world.read(
        week.releases[THU],
        "select customer_id, segment, assigned_since, previous_segment "
        "from customer_segments where model = 'value' and previous_segment is not null",
    )
    assert _words(rows, week.names) == [
        ["Ada", "small", "2024-03-14", "big"],
        ["Cleo", "big", "2024-03-14", "small"],
        ["Finn", "small", "2024-03-12", "unknown"],
    ]


def test_an_event_delivered_early_appears_in_its_own_night_and_not_before(week):
    columns = "events_total, sessions_total, last_event_at"
    assert week.feature(MON, "Cleo", columns) == (2, 2, at(MON, "23:50"))
    # It is the same visit, 15 minutes later, on the other side of midnight.
    assert week.feature(TUE, "Cleo", columns) == (3, 2, at(TUE, "00:05"))


def test_an_event_delivered_late_counts_on_its_own_date(week):
    columns = "events_total, sessions_total, active_days_30d, last_event_at"
    assert week.feature(TUE, "Ben", columns) == (2, 2, 1, at(MON, "09:00"))
    assert week.feature(THU, "Ben", columns) == (3, 2, 1, at(MON, "09:20"))


def test_two_persons_who_are_one_leave_one_customer_with_the_visits_of_both(week):
    assert week.feature(TUE, "Gus", "events_total, people_count") == (2, 1)
    assert week.feature(THU, "Gus", "events_total, people_count") == (5, 1)
    hana = next(key for key, name in week.names.items() if name == "Hana")
    found = world.read(
        week.releases[THU],
        f"select count(*) from customer_features where customer_id = '{hana}'",
    )
    assert found == [(0,)]


def test_the_week_ends_where_one_clean_load_of_all_files_ends(week, tmp_path):
    models = {"value": story.RENAMED, "visits": story.VISITS}
    fresh = world.make_home(tmp_path, models)
    for load in (story.monday, story.tuesday, story.thursday, story.friday):
        load(fresh)
    story.wednesday(fresh, currency="EUR")
    clean = world.run(fresh, FRI)
    with world.side_by_side(week=week.releases[FRI], clean=clean) as connection:
        for table in FACTS:
            assert world.difference(connection, table, "week", "clean") == []
