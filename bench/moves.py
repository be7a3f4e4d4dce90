"""How many customers changed segment from the predecessor to the current release.

    python -m bench.moves [HOME]

Reads the current release; writes nothing. Customers of one night only do not count.
"""

import sys

from bench.cluster_recovery import read_release
from dagster_project.errors import SegmentsError

MOVES = """
select
    model,
    sum(customers)::bigint as customers,
    coalesce(sum(customers) filter (where from_segment <> to_segment), 0)::bigint
from segment_migration
where from_segment not like '(%)' and to_segment not like '(%)'
group by model
order by model
"""


def main(home: str | None = None) -> None:
    print(f"{'model':24} {'customers':>9} {'moved':>6}  share")
    for model, customers, moved in read_release(home, MOVES):
        print(f"{model:24} {customers:9,} {moved:6,}  {moved / customers:.2%}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SegmentsError as error:
        sys.exit(f"{error}")
