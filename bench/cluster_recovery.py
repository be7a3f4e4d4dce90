"""How well the published clusters recover the hidden personas of the demo company.

    python -m bench.cluster_recovery [HOME] [MODEL]

Reads the current release of a home that was filled by `segments demo`; writes nothing.
"""

import sys
from pathlib import Path

import duckdb
from sklearn.metrics import adjusted_rand_score

from dagster_project.demo.plan import side_folder
from dagster_project.errors import SegmentsError, UsageError
from dagster_project.settings import Settings, load_settings
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
select persona, segment, count(*) as customers
from personas
join customer_segments using (customer_id)
where model = {model}
group by all
order by persona, customers desc, segment
"""


def main(home: str | None = None, model: str = "behaviour_clusters") -> None:
    settings = load_settings(home=home)
    rows = counted(settings, model)
    for known in (False, True):
        kept = [row for row in rows if not known or row[1] != "unknown"]
        customers = sum(count for *_, count in kept)
        who = "known customers" if known else "all customers"
        print(f"{who}: {customers:,}, adjusted Rand index {recovery(kept):.3f}")
    print(f"\n{'persona':16} {'customers':>9}  cluster")
    for persona, segment, count in rows:
        print(f"{persona:16} {count:9,}  {segment}")


def counted(settings: Settings, model: str) -> list[tuple[str, str, int]]:
    """Customers per persona and cluster."""
    release = settings.home / "releases" / "current" / "segments.duckdb"
    personas = side_folder(settings.landing_folder) / "personas.csv"
    for path in (release, personas):
        if not path.exists():
            raise UsageError(
                f"{path} is missing: run `segments demo` and a night first"
            )
    query = PAIRS.format(personas=literal(personas), model=literal(model))
    connection = connect(Path(release), read_only=True)
    try:
        rows = connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise SegmentsError(f"{release}: {error}") from error
    finally:
        connection.close()
    if not rows:
        raise UsageError(f"{release}: no customers of model {model} with a persona")
    return rows


def recovery(rows: list[tuple[str, str, int]]) -> float:
    """The adjusted Rand index of clusters against personas."""
    personas = [persona for persona, _, count in rows for _ in range(count)]
    segments = [segment for _, segment, count in rows for _ in range(count)]
    return float(adjusted_rand_score(personas, segments))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SegmentsError as error:
        sys.exit(f"{error}")
