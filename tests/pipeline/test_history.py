"""Eight customers over five nights, against a history that was written by hand.

Ada goes small -> big -> small, Ben gets a late event, Cleo an early one and an upgrade
on the night that is held, Dan leaves, Eva and Finn begin to pay, Gus and Hana turn out
to be one. On the last night the segment `small` is called `starter`.
"""

from datetime import date
from typing import Any

import pytest

from dagster_project.errors import NightHeld
from dagster_project.publish import pointer
from dagster_project.publish.status import read_log
from tests.pipeline import world
from tests.pipeline.world import at, event

pytestmark = pytest.mark.night

FEB_END = date(2024, 2, 29)
MON, TUE, WED, THU, FRI = (date(2024, 3, day) for day in range(11, 16))

VALUE = world.rules({"big": "mrr >= 100", "small": "mrr > 0"}, "none")
RENAMED = world.rules({"big": "mrr >= 100", "starter": "mrr > 0"}, "none")
VISITS = world.rules({"busy": "events_total >= 3", "seen": "events_total > 0"}, "idle")

# Which identifier says who is who.
PEOPLE = {
    ("user_id", "ada"): "Ada",
    ("user_id", "ben"): "Ben",
    ("user_id", "cleo"): "Cleo",
    ("billing_customer_id", "cus_dan"): "Dan",
    ("user_id", "eva"): "Eva",
    ("user_id", "finn"): "Finn",
    ("anonymous_id", "phone_of_gus"): "Gus",
    ("user_id", "hana"): "Hana",
}

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


def _customer(name: str, since: date, user_id: str | None = None) -> world.Row:
    return {
        "billing_customer_id": f"cus_{name}",
        "user_id": user_id,
        "currency": "EUR",
        "created_at": at(since, "08:00"),
        "updated_at": at(since, "08:00"),
    }


def _period(
    subscription_id: str, starts: date, monthly: int, ends: date | None = None, **given
) -> world.Row:
    return {
        "subscription_id": subscription_id,
        "billing_customer_id": f"cus_{subscription_id.split('_')[0]}",
        "starts_on": starts,
        "ends_on": ends,
        "monthly_amount": monthly,
        "currency": "EUR",
        "updated_at": at(ends or starts, "07:00"),
    } | given


def _monday(settings) -> None:
    early = event("cleo_after_midnight", at(TUE, "00:05"), user_id="cleo")
    february = date(2024, 2, 10)
    world.deliver_the_least(settings, MON)
    world.deliver(
        settings,
        MON,
        billing_customers=[
            _customer("ada", february, "ada"),
            _customer("ben", february, "ben"),
            _customer("cleo", date(2024, 3, 4), "cleo"),
            _customer("dan", date(2024, 3, 5)),
            _customer("eva", date(2024, 3, 5), "eva"),
        ],
        subscriptions=[
            _period("ada_1", february, 50),
            _period("ben_1", february, 200),
            _period("cleo_1", date(2024, 3, 4), 20),
            _period("dan_1", date(2024, 3, 5), 30),
        ],
        web_events=[
            event("ada_1", at(february, "09:00"), user_id="ada"),
            event("ben_1", at(february, "09:00"), user_id="ben"),
            event("ben_2", at(MON, "09:00"), user_id="ben"),
            event("cleo_1", at(date(2024, 3, 4), "10:00"), user_id="cleo"),
            event("cleo_2", at(MON, "23:50"), user_id="cleo"),
            early,
            event("finn_1", at(date(2024, 3, 7), "10:00"), user_id="finn"),
            *_visits_of("gus", date(2024, 3, 6), anonymous_id="phone_of_gus"),
            *_visits_of("hana", date(2024, 3, 8), user_id="hana"),
        ],
    )


def _visits_of(name: str, day: date, **who: str) -> list[world.Row]:
    email = {"email": "gus@home.example"} if name == "gus" else {}
    return [
        event(f"{name}_1", at(day, "10:00"), **who),
        event(f"{name}_2", at(day, "10:10"), event_type="identify", **who, **email),
    ]


def _tuesday(settings) -> None:
    world.deliver(
        settings,
        TUE,
        billing_customers=[_customer("finn", TUE, "finn")],
        subscriptions=[
            _period("ada_1", date(2024, 2, 10), 50, TUE),
            _period("ada_2", TUE, 150),
            _period("finn_1", TUE, 60),
        ],
        web_events=[
            event("eva_1", at(TUE, "11:00"), user_id="eva"),
            event("finn_2", at(TUE, "11:00"), user_id="finn"),
            event("finn_3", at(TUE, "11:05"), user_id="finn"),
        ],
    )


def _wednesday(settings, currency: str) -> None:
    upgrade = _period("cleo_2", WED, 120, currency=currency)
    end = _period("cleo_1", date(2024, 3, 4), 20, WED)
    world.deliver(settings, WED, subscriptions=[end, upgrade])


def _thursday(settings) -> None:
    both = {"user_id": "hana", "email": "gus@home.example"}
    world.deliver(
        settings,
        THU,
        subscriptions=[
            _period("ada_2", TUE, 150, THU),
            _period("ada_3", THU, 50),
        ],
        web_events=[
            event("ben_late", at(MON, "09:20"), user_id="ben"),
            event("one_person", at(THU, "10:00"), event_type="identify", **both),
        ],
    )


def _friday(settings) -> None:
    world.deliver(
        settings,
        FRI,
        subscriptions=[
            _period("dan_1", date(2024, 3, 5), 30, FRI),
            _period("eva_1", FRI, 40),
        ],
    )


class Week:
    """The nights of the week, their releases and what was said of the held one."""

    def __init__(self, folder) -> None:
        self.settings = world.make_home(folder, {"value": VALUE, "visits": VISITS})
        self.releases: dict[date, Any] = {}
        _monday(self.settings)
        self._run(MON)
        _tuesday(self.settings)
        self._run(TUE)
        _wednesday(self.settings, currency="JPY")
        with pytest.raises(NightHeld) as held:
            world.run(self.settings, WED)
        self.held = str(held.value)
        self.current_while_held = pointer.current_release(self.settings)
        _wednesday(self.settings, currency="EUR")
        _thursday(self.settings)
        self._run(THU)
        world.declare(self.settings.declarations, {"value": RENAMED})
        _friday(self.settings)
        self._run(FRI)

    def _run(self, day: date) -> None:
        self.releases[day] = world.run(self.settings, day)

    @property
    def names(self) -> dict[str, str]:
        """Customer key -> name, as the first night knew them."""
        first = world.read(
            self.releases[MON],
            "select id_type, id_value, customer_id from customer_identities",
        )
        keys = {(kind, value): key for kind, value, key in first}
        return {keys[who]: name for who, name in PEOPLE.items()}

    def feature(self, day: date, name: str, columns: str) -> tuple[Any, ...]:
        """Features of one customer on one night."""
        key = next(key for key, one in self.names.items() if one == name)
        found = world.read(
            self.releases[day],
            f"select {columns} from customer_features where customer_id = '{key}'",
        )
        assert len(found) == 1
        return found[0]


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
    fresh = world.make_home(tmp_path, {"value": RENAMED, "visits": VISITS})
    for load in (_monday, _tuesday, _thursday, _friday):
        load(fresh)
    _wednesday(fresh, currency="EUR")
    clean = world.run(fresh, FRI)
    with world.side_by_side(week=week.releases[FRI], clean=clean) as connection:
        for table in ("customer_features", "customer_mrr_monthly", "mrr_movements"):
            assert world.difference(connection, table, "week", "clean") == []
