"""Persons as connected components of identifiers. Keys are given by the dbt models.

What somebody decided about single persons is carried out in `overrides.py`.
"""

from typing import Any

import duckdb

from dagster_project.features.overrides import DECISIONS, KEY, take_apart

# A join that somebody decided on is an edge when both of its ends are known.
EDGES = f"""
create schema if not exists identity;
create or replace temp view known as
select *, {KEY.format("id")} as key
from intermediate.int_identity__identifiers
where id_type <> 'anonymous_id';
create or replace temp table joins as
select decisions.* exclude (kind)
from decisions
inner join known as a on left_type = a.id_type and left_value = a.id_value
inner join known as b on right_type = b.id_type and right_value = b.id_value
where kind = 'join';
create or replace temp view edges as
select
    left_type, left_value, right_type, right_value,
    {KEY.format("left")} as left_key, {KEY.format("right")} as right_key,
    first_seen_at, false as is_decided
from intermediate.int_identity__links
union all
select joins.*, null, true from joins
"""

# Only what is linked is numbered: whoever stands alone is a person of its own.
NUMBERED = """
create or replace temp table numbered as
select cast(row_number() over () - 1 as integer) as number, key
from (select left_key as key from edges union select right_key from edges)
"""

NUMBERED_EDGES = """
select left_end.number as left_number, right_end.number as right_number
from edges
inner join numbered as left_end on left_key = left_end.key
inner join numbered as right_end on right_key = right_end.key
"""

LABELLED = """
create or replace temp table labelled as
select key, component from numbered inner join labels using (number);
drop table numbered
"""

# An identifier of a person who is too large to be one stands for itself.
COMPONENTS = """
create or replace table identity.components as
with large as (
    select component from labelled group by component
    having count(*) > (
        select maximum from seeds.identity_limits
        where id_type = 'person_id' and counted = 'identifiers'
    )
)
select
    known.id_type,
    known.id_value,
    case
        when labelled.component is null or large.component is not null
            then 2147483648 + row_number() over ()
        else labelled.component
    end as component,
    large.component as quarantined_component
from known
left join labelled using (key)
left join large on labelled.component = large.component;
drop table labelled
"""


def connect_persons(connection: duckdb.DuckDBPyConnection) -> int:
    """Write `identity.components`, one row per user id, e-mail and phone.

    Reads int_identity__identifiers and int_identity__links and the seeds
    identity_overrides and identity_limits. The numbers mean nothing but who is one
    person; who is one does not depend on the order of rows. Returns the number of
    components.
    """
    connection.execute(DECISIONS)
    connection.execute(EDGES)
    connection.execute(NUMBERED)
    connection.register("labels", _labels(connection))
    connection.execute(LABELLED)
    connection.unregister("labels")
    take_apart(connection)
    connection.execute(COMPONENTS)
    found = connection.execute(
        "select count(distinct component) from identity.components"
    ).fetchall()
    return int(found[0][0])


def _labels(connection: duckdb.DuckDBPyConnection) -> Any:
    """An Arrow table of numbers and their connected components."""
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = connection.execute("select count(*) from numbered").fetchall()[0][0]
    edges = connection.execute(NUMBERED_EDGES).fetchnumpy()
    ends = (edges["left_number"], edges["right_number"])
    graph = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), (size, size))
    del edges, ends  # the graph has copies
    components = connected_components(graph, directed=False)[1] if size else []
    return pa.table(
        {
            "number": pa.array(np.arange(size, dtype=np.int32)),
            "component": pa.array(np.asarray(components, dtype=np.int32)),
        }
    )
