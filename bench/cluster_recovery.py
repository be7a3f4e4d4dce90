"""How well the published clusters recover the hidden personas of the demo company.

    python -m bench.cluster_recovery [HOME] [MODEL]

Reads the current release of a home that was filled by `segments demo`; writes nothing.
Firms that have left count apart: whatever they were, now they all do nothing.
"""

import sys
from typing import Any, NamedTuple

import duckdb
from sklearn.metrics import adjusted_rand_score

from dagster_project.demo.plan import side_folder
from dagster_project.errors import SegmentsError, UsageError
from dagster_project.settings import load_settings
from dagster_project.warehouse import connect, literal

PAIRS = """
with ids as (
    select persona, 'billing_customer_id' as id_type, billing_customer_id as id_value
    from read_csv({personas}, all_varchar = true)
    union
    select persona, 'user_id', user_id from read_csv({personas}, all_varchar = true)
),
personas as (
    select customer_id, min(persona) as persona
    from ids
    join customer_identities using (id_type, id_value)
    group by customer_id
    having count(distinct persona) = 1
)
select
    persona,
    segment,
    coalesce(lifecycle_stage = 'churned', false) as has_left,
    count(*) as customers
from personas
join customer_segments using (customer_id)
join customer_features using (customer_id)
where model = {model}
group by all
order by persona, has_left, customers desc, segment
"""


class Cell(NamedTuple):
    """Customers of one persona in one cluster, those who left apart."""

    persona: str
    segment: str
    has_left: bool
    customers: int


def main(home: str | None = None, model: str = "behaviour_clusters") -> None:
    cells = counted(home, model)
    here = [cell for cell in cells if not cell.has_left]
    show("all customers", cells)
    show("known customers", [cell for cell in cells if cell.segment != "unknown"])
    show("known, still here", [cell for cell in here if cell.segment != "unknown"])
    show("churned", [cell for cell in cells if cell.has_left])
    print(f"\n{'persona':16} {'customers':>9}  cluster")
    for persona, segment, has_left, customers in cells:
        print(f"{persona:16} {customers:9,}  {segment}{' (churned)' * has_left}")


def show(who: str, cells: list[Cell]) -> None:
    customers = sum(cell.customers for cell in cells)
    index = f"{recovery(cells):.3f}" if customers else "-"
    print(f"{who}: {customers:,}, adjusted Rand index {index}")


def counted(home: str | None, model: str) -> list[Cell]:
    """Customers per persona and cluster."""
    personas = side_folder(load_settings(home=home).landing_folder) / "personas.csv"
    if not personas.exists():
        raise UsageError(f"{personas} is missing: run `segments demo` first")
    query = PAIRS.format(personas=literal(personas), model=literal(model))
    rows = read_release(home, query)
    if not rows:
        raise UsageError(f"no customers of model {model} with a persona")
    return [Cell(*row) for row in rows]


def read_release(home: str | None, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the current release of a home."""
    release = load_settings(home=home).home / "releases" / "current" / "segments.duckdb"
    if not release.exists():
        raise UsageError(f"{release} is missing: run a night first")
    try:
        with connect(release, read_only=True) as connection:
            return connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise SegmentsError(f"{release}: {error}") from error


def recovery(cells: list[Cell]) -> float:
    """The adjusted Rand index of clusters against personas."""
    personas = [cell.persona for cell in cells for _ in range(cell.customers)]
    segments = [cell.segment for cell in cells for _ in range(cell.customers)]
    return float(adjusted_rand_score(personas, segments))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SegmentsError as error:
        sys.exit(f"{error}")
