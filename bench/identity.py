"""What it costs to join identifiers to persons.

    python -m bench.identity [EDGES] [MEMORY_LIMIT]

Made-up persons of two user ids, five e-mails and two phones, hashed as raw holds them,
connected in a fresh process. Prints CPU-seconds and the peak of memory.
"""

import json
import sys
import tempfile
from pathlib import Path

from bench.processes import measure, peak_megabytes
from dagster_project.features.identity import connect_persons
from dagster_project.settings import load_settings
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect, literal

# Eight edges and nine identifiers per person; the first e-mail joins the two user ids.
LINKS = """
create schema intermediate; create schema seeds;
create table seeds.identity_limits as from read_csv({limits});
create table seeds.identity_overrides (
    kind varchar, id_a varchar, id_b varchar, who varchar, why varchar
);
create table intermediate.int_identity__links as
select
    'user_id' as left_type,
    'user-' || (person * 2 + n % 2) as left_value,
    case when n < 6 then 'email_hash' else 'phone_hash' end as right_type,
    sha256(person || case when n < 6 then 'mail' else 'call' end || greatest(n - 1, 0)) as right_value,
    timestamp '2026-01-01' + to_seconds(person) as first_seen_at,
    'web' as feed
from range({persons}) as p (person), range(8) as e (n)
order by md5(person || ' ' || n);
create table intermediate.int_identity__identifiers as
select left_type as id_type, left_value as id_value from intermediate.int_identity__links
union select right_type, right_value from intermediate.int_identity__links
"""


def make(path: Path, edges: int) -> None:
    """The links of that many edges."""
    with connect(path) as connection:
        limits = literal(PROJECT / "seeds" / "identity_limits.csv")
        connection.execute(LINKS.format(limits=limits, persons=edges // 8))


def run(path: Path, memory_limit: str) -> None:
    """Connect them and say what came of it."""
    settings = load_settings(
        home=path.parent, declarations=None, memory_limit=memory_limit, threads=2
    )
    (path.parent / "work").mkdir()
    with connect(path, settings) as connection:
        persons = connect_persons(connection)
    print(json.dumps({"persons": persons, "megabytes": peak_megabytes()}))


def main(edges: str = "5000000", memory_limit: str = "1GB") -> None:
    """Measure, and print a line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work.duckdb"
        make(path, int(edges))
        cost = measure(["-m", "bench.identity", "--run", str(path), memory_limit])
    print(
        f"{int(edges):,} edges, {cost.said['persons']:,} persons: {cost.cpu:.1f} "
        f"CPU-seconds, {cost.wall:.1f} s, peak {cost.megabytes:,} MB "
        f"(engine limited to {memory_limit}, load {cost.load:.1f})"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(Path(sys.argv[2]), sys.argv[3])
    else:
        main(*sys.argv[1:])
