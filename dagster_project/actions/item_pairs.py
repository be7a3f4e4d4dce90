"""What is bought together: association rules of baskets, level by level.

Agrawal and Srikant (1994): every part of a frequent set of items is frequent, so sets
of n + 1 items are only looked for among frequent sets of n. Nothing about baskets
passes through Python.
"""

from typing import Any

import duckdb

from dagster_project.warehouse import connect

# Items are numbered by name, so that a set is a list in one order. Baskets of one
# frequent item make no pair; they count in the number of baskets.
ITEMS = """
create temp table basket_size as
select count(distinct transaction_id)::bigint as baskets from baskets
where transaction_id is not null;
create temp table items as
select row_number() over (order by item)::integer as item_id, item, count as baskets
from (
    select item::varchar as item, count(distinct transaction_id) as count
    from baskets where item is not null and transaction_id is not null
    group by item::varchar
)
where count / (select baskets from basket_size) >= $least;
create temp table contents as
select distinct baskets.transaction_id::varchar as basket, items.item_id
from baskets inner join items on baskets.item::varchar = items.item;
create temp table sets_1 as
select item_id as set_id, [item_id] as members, baskets from items;
create temp table found_1 as
select basket, item_id as set_id, item_id as last from contents;
"""

# A set grows by an item with a higher number, and only if that item is frequent beside
# its last member: this prunes before anything is counted.
GROW = """
create temp table grown as
select found.set_id, contents.item_id, count(*) as baskets
from {found} as found
inner join contents
    on found.basket = contents.basket and contents.item_id > found.last
{with_pairs}
group by found.set_id, contents.item_id
having count(*) / (select baskets from basket_size) >= $least;
create temp table {sets_next} as
select
    row_number() over (order by grown.set_id, grown.item_id)::integer as set_id,
    list_append(sets.members, grown.item_id) as members,
    grown.baskets,
    grown.set_id as grown_from,
    grown.item_id
from grown inner join {sets} as sets on grown.set_id = sets.set_id;
drop table grown;
create temp table {found_next} as
select found.basket, grown.set_id, grown.item_id as last
from {found} as found
inner join {sets_next} as grown on found.set_id = grown.grown_from
inner join contents
    on found.basket = contents.basket and grown.item_id = contents.item_id;
"""

PAIRS = """
inner join sets_2 as pairs
    on found.last = pairs.grown_from and contents.item_id = pairs.item_id
"""

RULES = """
select
    list_transform(
        list_filter(whole.members, lambda one: one <> items.item_id),
        lambda one: named.names[one]
    ) as antecedent,
    items.item as consequent,
    whole.baskets as together,
    part.baskets as antecedent_baskets,
    items.baskets as consequent_baskets,
    basket_size.baskets as baskets,
    round(whole.baskets / basket_size.baskets, 9) as support,
    round(whole.baskets / part.baskets, 9) as confidence,
    round(whole.baskets * basket_size.baskets / part.baskets / items.baskets, 9) as lift
from all_sets as whole
inner join items on list_contains(whole.members, items.item_id)
inner join all_sets as part
    on part.members = list_filter(whole.members, lambda one: one <> items.item_id)
cross join basket_size
cross join (select list(item order by item_id) as names from items) as named
where len(whole.members) > 1 and whole.baskets / part.baskets >= $sure
order by lift desc, support desc, antecedent, consequent
"""


def item_pairs(
    baskets: Any, min_support: float, min_confidence: float, max_items: int = 10
) -> Any:
    """Rules "who buys all of the antecedent also buys the consequent".

    Args:
        baskets: a table (pandas, Arrow, DuckDB) with transaction_id and item; an item
            counts once per basket.
        min_support: least share of all baskets that hold the whole rule, 0 to 1.
        min_confidence: least share of the antecedent's baskets with the consequent.
        max_items: most items of a rule; 2 gives pairs.

    Returns an Arrow table: antecedent (list), consequent, together, antecedent_baskets,
    consequent_baskets, baskets (counts), support, confidence, lift; highest lift first.
    Memory grows with the baskets that hold frequent sets; the engine spills.
    """
    connection = connect()
    try:
        connection.register("baskets", baskets)
        _statements(connection, ITEMS, min_support)
        _grow(connection, min_support, max_items)
        rules = connection.sql(RULES, params={"sure": min_confidence})
        return rules.to_arrow_table()
    finally:
        connection.close()


def _grow(
    connection: duckdb.DuckDBPyConnection, min_support: float, max_items: int
) -> None:
    size = 1
    while size < max_items and connection.table(f"sets_{size}").limit(1).fetchall():
        names = {
            "found": f"found_{size}",
            "found_next": f"found_{size + 1}",
            "sets": f"sets_{size}",
            "sets_next": f"sets_{size + 1}",
            "with_pairs": PAIRS if size > 1 else "",
        }
        _statements(connection, GROW.format(**names), min_support)
        connection.execute(f"drop table found_{size}")
        size += 1
    sets = " union all ".join(
        f"select members, baskets from sets_{n}" for n in range(1, size + 1)
    )
    connection.execute(f"create temp table all_sets as {sets}")


def _statements(
    connection: duckdb.DuckDBPyConnection, script: str, min_support: float
) -> None:
    for statement in filter(str.strip, script.split(";")):
        given = {"least": min_support} if "$least" in statement else None
        connection.execute(statement, given)
