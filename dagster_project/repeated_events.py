"""Events whose id comes on several days: which of them staging leaves out.

Inside one day staging finds repeated ids itself. Across days a number of 64 bits for
each id, kept in raw, says cheaply which ids need a look; what is decided is decided by
the ids themselves.
"""

from datetime import date

import duckdb

#: Kept from night to night with the incremental tables.
TABLE = "night.repeated_events"

EMPTY = f"create table if not exists {TABLE} (event_id varchar, event_on date)"

# The same id with the same time is on one day only.
SUSPECTS = """
create or replace temp table suspects as
select _id_hash
from raw.web_events
where {is_looked_at}
group by _id_hash
having min(event_at) <> max(event_at)
"""

LOOKED_AT = """
_id_hash in (
    select raw._id_hash
    from raw.web_events as raw
    cross join night.control as control
    inner join night.dirty_dates as dirty on dirty.dirty_on = {day}
    union
    select md5_number_lower(event_id) from night.repeated_events
)
"""

# The first delivery of an id counts, as within a day; on other days it is left out.
REPEATED = """
create or replace temp table repeated as
with events as (
    select raw.event_id, raw.received_at, raw._file_id, raw._line, {day} as event_on
    from raw.web_events as raw
    semi join suspects on raw._id_hash = suspects._id_hash
    cross join night.control as control
    where {day} <= control.as_of_date
),

firsts as (
    select event_id, event_on from events
    qualify
        row_number() over (
            partition by event_id order by received_at nulls last, _file_id, _line
        ) = 1
)

select distinct events.event_id, events.event_on
from events
inner join firsts on events.event_id = firsts.event_id
where events.event_on <> firsts.event_on
"""

CHANGED = f"""
select distinct event_on
from (
    (from repeated except from {TABLE}) union all (from {TABLE} except from repeated)
)
"""

DEFINITION = [SUSPECTS, LOOKED_AT, REPEATED]


def find_repeated_events(
    connection: duckdb.DuckDBPyConnection, timezone: str
) -> list[date]:
    """Bring `night.repeated_events` up to date; the business dates that it changes.

    Grain: event id x day on which the event is left out. Reads the ids of the dirty
    dates, and the id numbers and times of all events; without an earlier table, the
    latter alone.
    """
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'night'"
        " and table_name = 'repeated_events'"
    ).fetchall()
    connection.execute(EMPTY)
    day = _business_day(timezone)
    looked_at = LOOKED_AT.format(day=day) if found else "true"
    connection.execute(SUSPECTS.format(is_looked_at=looked_at))
    connection.execute(REPEATED.format(day=day))
    changed = [row[0] for row in connection.execute(CHANGED).fetchall()]
    connection.execute(f"create or replace table {TABLE} as from repeated order by all")
    return changed


def _business_day(timezone: str) -> str:
    if timezone == "UTC":
        return "cast(raw.event_at as date)"
    local = "timezone(control.timezone, timezone('UTC', raw.event_at))"
    return f"cast({local} as date)"
