"""The mix of segments against the last accepted release."""

import duckdb

from dagster_project.gates.checks import missing_tables
from dagster_project.gates.measure import Measure

SEGMENTS = "marts.customer_segments"
REGISTRY = "marts.segment_registry"

# The usual floor: an empty segment would make the index infinite.
SMALLEST_SHARE = 0.0001

MIX = """
with tonight as (
    select model, segment, count(*) as customers from {tonight} group by all
),
before as (
    select model, segment, count(*) as customers from {before} group by all
),
models as (select distinct model from {registry}),
definitions as (
    select model, segment, rule from {registry}
),
earlier as (select model, segment, rule from {earlier_registry}),
changed as (
    select model from ((table definitions) except (table earlier))
    union
    select model from ((table earlier) except (table definitions))
),
shares as (
    select
        model,
        segment,
        coalesce(tonight.customers, 0) as customers_now,
        coalesce(before.customers, 0) as customers_before,
        sum(customers_now) over (partition by model) as all_now,
        sum(customers_before) over (partition by model) as all_before,
        greatest(customers_now / all_now, {smallest_share}) as share_now,
        greatest(customers_before / all_before, {smallest_share}) as share_before,
        (share_now - share_before) * ln(share_now / share_before) as moved
    from tonight full join before using (model, segment)
)
select
    model,
    round(sum(moved), 4) as psi,
    coalesce(any_value(all_now), 0) as customers_now,
    coalesce(any_value(all_before), 0) as customers_before,
    arg_max(segment, (moved, segment)) as moved_most,
    arg_max(customers_before || ' -> ' || customers_now, (moved, segment)) as sizes,
    bool_or(changed.model is not null) as is_redefined
from models
left join shares using (model)
left join changed using (model)
group by model
order by model
"""


def measure_segment_mix(
    connection: duckdb.DuckDBPyConnection, at_least: float
) -> list[Measure]:
    """The population stability index of each model.

    PSI = sum over segments of (p - q) * ln(p / q), p and q the shares of tonight and
    before. A model whose segments or rules were changed only warns: the change is
    wanted, and `segments diff` shows it before the night.
    """
    sql = MIX.format(
        tonight=SEGMENTS,
        registry=REGISTRY,
        before=_released(connection, SEGMENTS),
        earlier_registry=_released(connection, REGISTRY),
        smallest_share=SMALLEST_SHARE,
    )
    mixes = connection.execute(sql).fetchall()
    return [
        Measure(
            table=SEGMENTS,
            column=model,
            part=model,
            observed=f"PSI {psi}, most in {segment}: {sizes}" if before else f"{now}",
            baseline="the mix of the last release",
            change=psi if now and before else None,
            size=min(now, before),
            excused="its definition was changed" if redefined and before else "",
        )
        for model, psi, now, before, segment, sizes, redefined in mixes
    ]


def _released(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The table as last published; before the first release an empty one."""
    published = table.replace("marts.", "release.")
    if missing_tables(connection, [published]):
        return f"(select * from {table} limit 0)"
    return published
