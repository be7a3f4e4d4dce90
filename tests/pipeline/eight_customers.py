"""Five nights of eight customers: what is delivered, and the releases that follow.

What must come of it is written down in test_history.py and nowhere here.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagster_project.errors import NightHeld
from dagster_project.publish import pointer
from dagster_project.publish.catalogue import Release
from dagster_project.settings import Settings
from tests.pipeline import world
from tests.pipeline.world import at, event

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


def monday(settings: Settings) -> None:
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


def tuesday(settings: Settings) -> None:
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


def wednesday(settings: Settings, currency: str) -> None:
    upgrade = _period("cleo_2", WED, 120, currency=currency)
    end = _period("cleo_1", date(2024, 3, 4), 20, WED)
    world.deliver(settings, WED, subscriptions=[end, upgrade])


def thursday(settings: Settings) -> None:
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


def friday(settings: Settings) -> None:
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

    def __init__(self, folder: Path) -> None:
        self.settings = world.make_home(folder, {"value": VALUE, "visits": VISITS})
        self.releases: dict[date, Release] = {}
        monday(self.settings)
        self._run(MON)
        tuesday(self.settings)
        self._run(TUE)
        wednesday(self.settings, currency="JPY")
        with pytest.raises(NightHeld) as held:
            world.run(self.settings, WED)
        self.held = str(held.value)
        self.current_while_held = pointer.current_release(self.settings)
        wednesday(self.settings, currency="EUR")
        thursday(self.settings)
        self._run(THU)
        world.declare(self.settings.declarations, {"value": RENAMED})
        friday(self.settings)
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
