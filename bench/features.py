"""What the features of a large company cost, in CPU-seconds. `make bench` runs it.

    python -m bench.features [--customers 100000] [--events 5000000] [--folder FOLDER]

Prints Markdown. Raw rows are written as Parquet without any delivery; every night is a
process of its own: the night before, the night itself from nothing, and the night from
the state that the one before left. The last two must not differ in any row.
`bench.feature_forms` compares single steps with their obvious forms.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.feature_data import write_raw
from bench.processes import Cost, measure
from bench.tables import print_table
from dagster_project.warehouse import connect, literal

NIGHTS = ("before", "full", "next")


def main(arguments: list[str]) -> None:
    """Write the rows, run the nights, compare what they leave."""
    parser = argparse.ArgumentParser(prog="python -m bench.features")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--folder", type=Path, help="keeps what it holds")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="segments-bench-") as folder:
        run(given.folder or Path(folder), given.customers, given.events)


def run(folder: Path, customers: int, events: int) -> None:
    """All of it, in a folder that may already hold the rows."""
    if not (folder / "raw").exists():
        write_raw(folder / "unfinished", customers, events)
        (folder / "unfinished").rename(folder / "raw")
    (folder / "raw" / "ledger.sqlite").unlink(missing_ok=True)
    costs = {}
    for night in NIGHTS:
        costs[night] = measure(
            ["-m", "bench.features_night", night],
            SEGMENTS_HOME=str(folder),
            SEGMENTS_PEPPER="bench",
        )
        print(f"{night}: {costs[night].cpu:.1f} CPU-s", file=sys.stderr, flush=True)
    print_nights(costs, events)
    print_models(costs)
    print_differences(folder)
    forms = measure(["-m", "bench.feature_forms", str(folder)])
    print_table(
        ["step", "form", "CPU-s", "/ scan", "/ obvious", "peak MB"],
        forms.said["rows"],
    )


def print_nights(costs: dict[str, Cost], events: int) -> None:
    """CPU-seconds by stage of the rebuild and of the next night."""
    full, next_ = (costs[night].said["stages"] for night in ("full", "next"))
    sums = sum(full.values()), sum(next_.values())
    rows = [
        [stage, f"{cost:.1f}", f"{cost / events * 1e6:.2f}", f"{next_[stage]:.1f}"]
        for stage, cost in full.items()
    ]
    rows.append(
        ["all", f"{sums[0]:.1f}", f"{sums[0] / events * 1e6:.2f}", f"{sums[1]:.1f}"]
    )
    print(f"\nnext night / rebuild: {sums[1] / sums[0]:.1%}")
    peaks = [costs[night].megabytes for night in ("full", "next")]
    print(f"peak memory: {peaks[0]} MB from nothing, {peaks[1]} MB the next night")
    print(f"load: {costs['full'].load:.1f}\n")
    print_table(["stage", "rebuild CPU-s", "per million events", "next CPU-s"], rows)


def print_models(costs: dict[str, Cost]) -> None:
    """The dearest models; CPU-seconds shared by the time that each took."""
    full, next_ = (costs[night].said["models"] for night in ("full", "next"))
    dearest = sorted(full, key=lambda name: -full[name])[:15]
    print()
    print_table(
        ["model", "rebuild, about", "next, about"],
        [[name, f"{full[name]:.1f}", f"{next_.get(name, 0):.1f}"] for name in dearest],
    )
    print()


def print_differences(folder: Path) -> None:
    """Rows that only one of the two nights has, over all tables."""
    rows = []
    with connect() as connection:
        for name in ("full", "next"):
            path = literal(folder / f"{name}.duckdb")
            connection.execute(f"attach {path} as {name}_night (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name, estimated_size"
            " from duckdb_tables() where database_name = 'next_night'"
            " and schema_name in ('intermediate', 'features') order by all"
        ).fetchall()
        for table, size in tables:
            one, other = f"from full_night.{table}", f"from next_night.{table}"
            found = connection.execute(
                f"select count(*) from (({one} except all {other})"
                f" union all ({other} except all {one}))"
            ).fetchall()
            rows.append([table, f"{size:,}", found[0][0]])
    print_table(["table", "rows", "rows that differ"], rows)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
