"""Days of the web computed again against everything computed at once.

Events come late, early, twice and across midnight; what is kept from day to day must be
the same rows as from nothing.
"""

import random
from datetime import date, datetime, timedelta
from functools import cache

import duckdb
import pytest

from dagster_project.features import rendering
from dagster_project.features.sessions import load_events
from dagster_project.transform import PROJECT
from tests.unit.features.test_sessions import Event, table

pytestmark = pytest.mark.slow

FIRST = date(2026, 1, 1)
DATED = {
    "int_web__slots": "event_on",
    "int_web__links": "linked_on",
    "int_web__daily_activity": "activity_on",
}
SESSIONS = "int_web__sessions"


@cache
def increment(model: str) -> str:
    """The SQL of a model in a night that goes on from a state."""
    (path,) = (PROJECT / "models" / "intermediate" / "web").glob(f"{model}.sql")
    text = path.read_text(encoding="utf-8")
    return rendering.render(text, is_incremental=lambda: True, this=SESSIONS)


class Web:
    """The web tables of a night after another one."""

    def __init__(self, events: list[Event]) -> None:
        self.engine = duckdb.connect()
        self._stage(events)
        for model in (*DATED, SESSIONS):
            sql = rendering.render_model(model)
            self.engine.execute(f"create or replace table kept.{model} as {sql}")

    def _stage(self, events: list[Event]) -> None:
        load_events(self.engine, table(events))
        self.engine.execute("""
            create or replace temp table stg_web__events as
            select *, 'one' as _file_id from given;
            create or replace temp table dirty_files as select 'one' as file_id;
            drop table temp.int_web__slots;
            create schema if not exists kept;
            set schema = 'kept'""")

    def go_on(self, events: list[Event], dirty: set[date]) -> None:
        self._stage(events)
        self.engine.execute("create or replace temp table dirty_dates (dirty_on date)")
        self.engine.executemany(
            "insert into dirty_dates values (?)", [[day] for day in sorted(dirty)]
        )
        for model, day in DATED.items():
            self._replace(model, f"{day} in (select dirty_on from dirty_dates)")
        touched = rendering.render("{{ touched_sessions(this) }}", this=SESSIONS)
        self._replace(SESSIONS, f"session_id in (select session_id from ({touched}))")

    def _replace(self, model: str, is_touched: str) -> None:
        self.engine.execute(f"""
            create or replace temp table incoming as {increment(model)};
            delete from kept.{model} where {is_touched};
            insert into kept.{model} select * from incoming;
            drop table incoming""")

    def rows(self, model: str) -> list[tuple]:
        return self.engine.execute(f"from kept.{model} order by all").fetchall()


def some_events(chance: random.Random, count: int) -> list[Event]:
    """Around the midnights of four days, so that sessions lie on two of them."""
    return [
        {
            "event_id": str(chance.random()),
            "anonymous_id": chance.choice(["a", "b", None]),
            "user_id": "u",
            "session_id": chance.choice([None, None, "t"]),
            "event_at": datetime(2026, 1, chance.randint(1, 4))
            + timedelta(minutes=chance.randint(-120, 120)),
            "event_type": "page",
            "url": chance.choice([None, "https://a.example/1"]),
            "utm_source": chance.choice([None, None, "google"]),
            "product_id": chance.choice([None, "p"]),
            "email_hash": chance.choice([None, "mail"]),
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_days_computed_again_are_those_computed_at_once(seed):
    chance = random.Random(seed)
    known = some_events(chance, 40)
    kept = Web(known)
    for _ in range(2):
        new = some_events(chance, 6)
        gone = chance.sample(known, 3)
        known = [event for event in known if event not in gone] + new
        kept.go_on(known, {event["event_at"].date() for event in [*new, *gone]})
    at_once = Web(known)
    for model in (*DATED, SESSIONS):
        assert kept.rows(model) == at_once.rows(model), model
