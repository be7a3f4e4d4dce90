"""Persons as connected components of identifiers. Keys are given by the dbt models."""

import duckdb

NUMBERED = """
create or replace temp table numbered as
select
    cast(row_number() over (order by id_type, id_value) - 1 as integer) as number,
    id_type,
    id_value
from intermediate.int_identity__identifiers
"""

EDGES = """
select left_end.number as left_number, right_end.number as right_number
from intermediate.int_identity__links as links
inner join numbered as left_end
    on links.left_type = left_end.id_type and links.left_value = left_end.id_value
inner join numbered as right_end
    on links.right_type = right_end.id_type and links.right_value = right_end.id_value
"""


def connect_persons(connection: duckdb.DuckDBPyConnection) -> int:
    """Write `identity.components`, one row per identifier with its component.

    Reads int_identity__identifiers and int_identity__links. A component is named by the
    smallest number of its identifiers, so that the order of rows does not matter.
    Returns the number of components. Memory: 12 bytes per edge and 8 per identifier.
    """
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    connection.execute("create schema if not exists identity")
    connection.execute(NUMBERED)
    size = _count(connection, "numbered")
    edges = connection.execute(EDGES).fetchnumpy()
    left, right = edges["left_number"], edges["right_number"]
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), (size, size))
    count, labels = connected_components(graph, directed=False) if size else (0, [])
    components = pa.table(
        {
            "number": pa.array(np.arange(size, dtype=np.int32)),
            "label": pa.array(np.asarray(labels, dtype=np.int32)),
        }
    )
    connection.register("component_labels", components)
    connection.execute("""
        create or replace table identity.components as
        select
            numbered.id_type,
            numbered.id_value,
            min(numbered.number) over (partition by labels.label) as component
        from numbered
        inner join component_labels as labels on numbered.number = labels.number
    """)
    connection.unregister("component_labels")
    connection.execute("drop table numbered")
    return int(count)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])
