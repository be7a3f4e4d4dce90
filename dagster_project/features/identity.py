"""Persons as connected components of identifiers. Keys are given by the dbt models.

What somebody decided about single persons is carried out in `overrides.py`.
"""

from typing import Any

import duckdb

from dagster_project.features.overrides import Node, apart

# Identifiers are compared by 128 bits of a digest: a third of the memory of the texts.
KEY = "md5_number({0}_type || ':' || {0}_value)"

# A join that somebody decided on is an edge when both of its ends are known.
EDGES = f"""
create schema if not exists identity;
create or replace temp view known as
select *, {KEY.format("id")} as key
from intermediate.int_identity__identifiers
where id_type <> 'anonymous_id';
create or replace temp view decisions as
select *, {KEY.format("left")} as left_key, {KEY.format("right")} as right_key
from (
    select
        kind,
        split_part(id_a, ':', 1) as left_type,
        substr(id_a, strpos(id_a, ':') + 1) as left_value,
        split_part(id_b, ':', 1) as right_type,
        substr(id_b, strpos(id_b, ':') + 1) as right_value
    from seeds.identity_overrides
);
create or replace temp view edges as
select
    left_type, left_value, right_type, right_value,
    {KEY.format("left")} as left_key, {KEY.format("right")} as right_key,
    first_seen_at, false as is_decided
from intermediate.int_identity__links
union all
select decisions.* exclude (kind), null, true
from decisions
where
    kind = 'join'
    and left_key in (select key from known)
    and right_key in (select key from known)
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

# Cuts whose ends are one person by what was seen.
UNDONE = """
create or replace temp table undone as
select decisions.*, a.component
from decisions
inner join labelled as a on left_key = a.key
inner join labelled as b on right_key = b.key
where kind = 'cut' and a.component = b.component
"""

# What was decided first, then what was known first.
DISPUTED = """
select left_type, left_value, right_type, right_value
from edges
inner join labelled on left_key = key
where component in (select component from undone)
order by not is_decided, first_seen_at nulls last, 1, 2, 3, 4
"""

TAKEN_APART = f"""
delete from labelled where component in (select component from undone);
insert into labelled
select {KEY.format("id")}, -dense_rank() over (order by root_type, root_value)
from pieces
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
    connection.execute(EDGES)
    connection.execute(NUMBERED)
    connection.register("labels", _labels(connection))
    connection.execute(LABELLED)
    connection.unregister("labels")
    _take_apart(connection)
    connection.execute(COMPONENTS)
    found = connection.execute("select count(distinct component) from identity.components")
    return int(found.fetchall()[0][0])


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


def _take_apart(connection: duckdb.DuckDBPyConnection) -> None:
    import pyarrow as pa

    connection.execute(UNDONE)
    cuts = _pairs(connection, "select * exclude (kind, component) from undone")
    if not cuts:
        return
    found = apart(_pairs(connection, DISPUTED), cuts)
    rows = [(*node, *root) for node, root in sorted(found.items())]
    names = ("id_type", "id_value", "root_type", "root_value")
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    connection.register("pieces", pa.table(columns, names=names))
    connection.execute(TAKEN_APART)
    connection.unregister("pieces")


def _pairs(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Node, Node]]:
    rows = connection.execute(query).fetchall()
    return [((row[0], row[1]), (row[2], row[3])) for row in rows]
