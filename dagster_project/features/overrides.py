"""Persons whom somebody took apart by hand: growing components that respect cuts.

Only the few components that hold both ends of a cut come here.
"""

from collections.abc import Iterable, Sequence

import duckdb

#: An identifier: its type and value.
Node = tuple[str, str]

#: Identifiers are compared by 128 bits of a digest: a third of the memory of the texts.
KEY = "md5_number({0}_type || ':' || {0}_value)"

#: The seed with its identifiers taken apart into type and value.
DECISIONS = f"""
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
)
"""

# Cuts whose ends are one person by what was seen.
UNDONE = """
create or replace temp table undone as
select left_type, left_value, right_type, right_value, a.component
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


def take_apart(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the pieces of a component with a cut in it numbers of their own.

    Reads the views `decisions` and `edges`; changes `labelled` (key, component).
    """
    import pyarrow as pa

    connection.execute(UNDONE)
    cuts = _pairs(connection, "from undone")
    if not cuts:
        return
    found = apart(_pairs(connection, DISPUTED), cuts)
    rows = [(*node, *root) for node, root in sorted(found.items())]
    names = ("id_type", "id_value", "root_type", "root_value")
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    connection.register("pieces", pa.table(columns, names=names))
    connection.execute(TAKEN_APART)
    connection.unregister("pieces")


def apart(
    edges: Iterable[tuple[Node, Node]], cuts: Sequence[tuple[Node, Node]]
) -> dict[Node, Node]:
    """The component of each identifier, named by one of its members.

    Edges are taken in the order given; one that would bring the ends of a cut together,
    on whatever way, is left out. So the earlier link keeps what both ends claim.
    """
    parents: dict[Node, Node] = {}
    for left, right in edges:
        one, other = _root(parents, left), _root(parents, right)
        ends = [{_root(parents, a), _root(parents, b)} for a, b in cuts]
        if one != other and {one, other} not in ends:
            parents[max(one, other)] = min(one, other)
    return {node: _root(parents, node) for node in list(parents)}


def _root(parents: dict[Node, Node], node: Node) -> Node:
    parents.setdefault(node, node)
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


def _pairs(
    connection: duckdb.DuckDBPyConnection, query: str
) -> list[tuple[Node, Node]]:
    rows = connection.execute(query).fetchall()
    return [((row[0], row[1]), (row[2], row[3])) for row in rows]
