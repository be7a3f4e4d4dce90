"""Sessions and channels of plain data, by the very SQL of the web models.

Nothing here knows customers: what a session is belongs to dbt/macros.
"""

from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.features.rendering import render
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect, literal

#: What the SQL reads of an event, and what stands for a column that is not given.
COLUMNS = {
    "event_at": "timestamp",
    "event_id": "varchar",
    "event_type": "varchar",
    "event_name": "varchar",
    "session_id": "varchar",
    "anonymous_id": "varchar",
    "user_id": "varchar",
    "email_hash": "varchar",
    "phone_hash": "varchar",
    "account_id": "varchar",
    "url": "varchar",
    "referrer": "varchar",
    "utm_source": "varchar",
    "utm_medium": "varchar",
    "utm_campaign": "varchar",
    "device_type": "varchar",
    "os": "varchar",
    "browser": "varchar",
    "country": "varchar",
    "product_id": "varchar",
    "category": "varchar",
    "search_term": "varchar",
    "feature": "varchar",
}
SEEDS = ("event_meanings", "channel_rules", "source_categories")

SLOTS = """
with events as (select * from given)
{{{{ slots_of('events', {gap_minutes:d}) }}}}
"""
SESSIONS = """
with slots as (select * from int_web__slots)
{{{{ sessions_of('slots', {gap_minutes:d}) }}}}
order by visitor_id, started_at, session_id
"""
CHANNELS = """
with touches as (
    select
        nullif(lower(source), '') as source,
        nullif(lower(medium), '') as medium,
        nullif(lower(campaign), '') as campaign
    from frame
),
{{ channel_of('touches') }}
select * from grouped
order by all
"""


def sessions(events: Any, gap_minutes: int = 30, timezone: str = "UTC") -> pa.Table:
    """Cut the events of visitors into sessions: one row each, by visitor and time.

    `events`: anything DuckDB reads as a table (pandas, Arrow, a relation). It has
    `event_at` (UTC) and `visitor_id`, or `anonymous_id` and `user_id`; all else in
    COLUMNS is optional. A session ends after more than `gap_minutes` without an event,
    unless `session_id` is given. Business days are those of `timezone`.
    """
    with connect() as engine:
        load_events(engine, events, gap_minutes, timezone)
        return _table(engine, SESSIONS.format(gap_minutes=gap_minutes))


def channels(touches: Any) -> pa.Table:
    """The channel of each source, medium and campaign of a table with these columns."""
    with connect() as engine:
        _load_seeds(engine)
        engine.register("frame", touches)
        return _table(engine, CHANNELS)


def load_events(
    engine: duckdb.DuckDBPyConnection,
    events: Any,
    gap_minutes: int = 30,
    timezone: str = "UTC",
) -> None:
    """Make the slots of plain events, `int_web__slots`, and all that they need."""
    _load_seeds(engine)
    engine.execute(
        "create or replace temp table control as select ?::varchar as timezone,"
        " date '9999-12-31' as as_of_date",
        [timezone],
    )
    engine.register("frame", events)
    engine.execute(f"create or replace temp table given as {_complete(engine)}")
    sql = _sql(SLOTS.format(gap_minutes=gap_minutes))
    engine.execute(f"create or replace temp table int_web__slots as {sql}")


def _complete(engine: duckdb.DuckDBPyConnection) -> str:
    """The given events with every column that the SQL reads."""
    found = {row[0] for row in engine.execute("describe frame").fetchall()}
    given = {
        name: f"{name}::{kind}" if name in found else f"null::{kind}"
        for name, kind in COLUMNS.items()
    }
    if "visitor_id" in found and "anonymous_id" not in found:
        given["anonymous_id"] = "visitor_id::varchar"
    if "event_type" not in found:
        given["event_type"] = "'track'"
    number = "row_number() over ()"
    if "event_id" in found:
        number = "md5_number_lower(event_id::varchar)"
    select = ", ".join(f"{value} as {name}" for name, value in given.items())
    return f"""select *, timezone((select timezone from control),
        timezone('UTC', event_at))::date as event_on
        from (select {select}, ({number})::ubigint as event_number from frame)"""


def _load_seeds(engine: duckdb.DuckDBPyConnection) -> None:
    for seed in SEEDS:
        path = literal(PROJECT / "seeds" / f"{seed}.csv")
        engine.execute(
            f"create or replace temp table {seed} as"
            f" from read_csv({path}, header = true)"
        )


def _table(engine: duckdb.DuckDBPyConnection, template: str) -> pa.Table:
    return engine.sql(_sql(template)).to_arrow_table()


@cache
def _sql(template: str) -> str:
    return render(template)
