"""Whatever the links are: a cut holds, and the order of rows decides nothing."""

import random

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.features.identity import connect_persons
from dagster_project.features.overrides import apart

NODES = [("user_id", f"u{n}") for n in range(4)]
NODES += [("email_hash", f"m{n}") for n in range(4)]
PAIRS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(
        lambda pair: pair[0] != pair[1]
    ),
    max_size=12,
    unique=True,
)


@given(PAIRS, PAIRS)
def test_no_component_holds_both_ends_of_a_cut(edges, cuts):
    found = apart(edges, cuts)
    assert not [cut for cut in cuts if found.get(cut[0], 0) == found.get(cut[1], 1)]


@given(PAIRS)
def test_without_a_cut_every_edge_joins(edges):
    found = apart(edges, [])
    assert all(found[left] == found[right] for left, right in edges)


@given(PAIRS, st.lists(st.sampled_from(NODES), min_size=2, max_size=2, unique=True))
def test_an_edge_is_left_out_only_where_a_cut_forbids_it(edges, cut):
    found = apart(edges, [tuple(cut)])
    for left, right in edges:
        if found[left] != found[right]:
            ends = {found.get(node, node) for node in cut}
            assert {found[left], found[right]} == ends


@settings(max_examples=10, deadline=None)
@given(PAIRS, PAIRS, st.randoms(use_true_random=False))
def test_who_is_one_person_does_not_depend_on_the_order_of_rows(edges, cuts, shuffle):
    first = _persons(edges, cuts, shuffle)
    assert _persons(edges, cuts, shuffle) == first
    assert not [cut for cut in cuts if any(set(cut) <= person for person in first)]


def _persons(edges, cuts, shuffle: random.Random) -> set[frozenset]:
    connection = duckdb.connect()
    connection.execute("create schema seeds; create schema intermediate")
    connection.execute("""
        create table seeds.identity_limits as
        select 'person_id' as id_type, 'identifiers' as counted, 100 as maximum;
        create table seeds.identity_overrides (
            kind varchar, id_a varchar, id_b varchar, who varchar, why varchar);
        create table intermediate.int_identity__identifiers (
            id_type varchar, id_value varchar);
        create table intermediate.int_identity__links (
            left_type varchar, left_value varchar, right_type varchar,
            right_value varchar, first_seen_at timestamp)""")
    dated = [(*left, *right, f"2026-01-0{1 + n % 3}") for n, (left, right) in enumerate(edges)]
    decided = [("cut", ":".join(a), ":".join(b), None, None) for a, b in cuts]
    _insert(connection, "intermediate.int_identity__identifiers", NODES, shuffle)
    _insert(connection, "intermediate.int_identity__links", dated, shuffle)
    _insert(connection, "seeds.identity_overrides", decided, shuffle)
    connect_persons(connection)
    rows = connection.execute("""
        select list((id_type, id_value)) from identity.components group by component
        """).fetchall()
    return {frozenset(row[0]) for row in rows}


def _insert(connection, table: str, rows: list[tuple], shuffle: random.Random) -> None:
    rows = list(rows)
    shuffle.shuffle(rows)
    for row in rows:
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into {table} values ({marks})", list(row))
