"""Events whose id comes several times: which delivery of each counts.

A number of 64 bits for each id, kept in raw, says cheaply which ids need a look; what
is decided is decided by the ids themselves.
"""

from datetime import date

import duckdb

#: Kept from night to night with the incremental tables.
TABLE = "night.repeated_events"

EMPTY = f"""
create table if not exists {TABLE} (
    _id_hash ubigint, event_on date, _received bigint, _line bigint, counts boolean
)
"""

#: As many numbers at a time as take half a gigabyte.
AT_ONCE = 30_000_000

# What a dirty date may change: the ids of its rows, now and before.
LOOKED_AT = f"""
create or replace temp table looked_at as
select raw._id_hash
from raw.web_events as raw
cross join night.control as control
inner join night.dirty_dates as dirty on dirty.dirty_on = {{day}}
where raw._file_id in (select file_id from night.dirty_files)
union
select _id_hash from {TABLE}
where event_on in (select dirty_on from night.dirty_dates)
"""

SUSPECTS = """
create or replace temp table suspects as
select _id_hash
from raw.web_events
where _id_hash in (select _id_hash from looked_at)
group by _id_hash
having count(*) > 1
"""

# The first delivery of an id up to the as-of date counts.
REPEATED = """
create or replace temp table repeated as
with events as (
    select
        raw._id_hash,
        raw.event_id,
        raw.received_at,
        raw._file_id,
        raw._received,
        raw._line,
        {day} as event_on
    from raw.web_events as raw
    semi join suspects on raw._id_hash = suspects._id_hash
    cross join night.control as control
    where {day} <= control.as_of_date
)

select
    _id_hash,
    event_on,
    _received,
    _line,
    row_number() over (
        partition by event_id order by received_at nulls last, _file_id, _line
    ) = 1 as counts
from events
qualify count(*) over (partition by event_id) > 1
"""

BEFORE = f"from {TABLE} where _id_hash in (select _id_hash from looked_at)"

CHANGED = f"""
select distinct event_on
from (
    ((from repeated) except ({BEFORE})) union all (({BEFORE}) except (from repeated))
)
where not counts
"""

DEFINITION = [LOOKED_AT, SUSPECTS, REPEATED]


def find_repeated_events(
    connection: duckdb.DuckDBPyConnection, timezone: str
) -> list[date]:
    """Bring `night.repeated_events` up to date; the business dates that it changes.

    Grain: delivered row of an id that comes several times up to the as-of date. Reads
    the rows of the dirty dates, and the id numbers of all events; without an earlier
    table, the latter alone.
    """
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'night'"
        " and table_name = 'repeated_events'"
    ).fetchall()
    connection.execute(EMPTY)
    day = _business_day(timezone)
    if found:
        connection.execute(LOOKED_AT.format(day=day))
        connection.execute(SUSPECTS)
    else:
        _suspect_among_all(connection)
    connection.execute(REPEATED.format(day=day))
    changed = [row[0] for row in connection.execute(CHANGED).fetchall()]
    connection.execute(
        f"delete from {TABLE} where _id_hash in (select _id_hash from looked_at)"
    )
    connection.execute(f"insert into {TABLE} from repeated order by all")
    return changed


def _suspect_among_all(connection: duckdb.DuckDBPyConnection) -> None:
    """The numbers that come twice. Sorting them takes a fifth of grouping them."""
    import numpy as np
    import pyarrow as pa

    counted = connection.execute("select count(*) from raw.web_events").fetchall()
    parts = 1 + counted[0][0] // AT_ONCE
    found = []
    for part in range(parts):
        numbers = connection.execute(
            f"select _id_hash from raw.web_events where _id_hash % {parts} = {part}"
        ).fetchnumpy()["_id_hash"]
        numbers.sort()
        found.append(np.unique(numbers[1:][numbers[1:] == numbers[:-1]]))
    suspects = pa.table({"_id_hash": pa.array(np.concatenate(found), pa.uint64())})
    connection.register("incoming", suspects)
    connection.execute("create or replace temp table suspects as from incoming")
    connection.unregister("incoming")
    connection.execute("create or replace temp table looked_at as from suspects")


def _business_day(timezone: str) -> str:
    if timezone == "UTC":
        return "cast(raw.event_at as date)"
    local = "timezone(control.timezone, timezone('UTC', raw.event_at))"
    return f"cast({local} as date)"
