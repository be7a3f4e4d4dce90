"""What nights cost, in CPU-seconds, on the demo company. `make bench` runs it.

    python -m bench.nights [--customers 2000]

Prints Markdown; progress goes to standard error. Each night is a process of its own,
in a home that is deleted at the end. The dates are fixed: the same data on every day.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.fixed_cost import print_fixed_cost
from bench.processes import BenchError, Cost, measure
from bench.tables import print_table

FIRST, NEXT = "2026-11-20", "2026-11-21"
TRIVIAL = 10


@dataclass(frozen=True)
class Way:
    """How nights are run: as the job or alone, with so many threads, in its home."""

    name: str
    home: Path
    landing: Path
    threads: int = 2

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process run this way."""
        return {
            "SEGMENTS_HOME": str(self.home),
            "SEGMENTS_LANDING": str(self.landing),
            "SEGMENTS_THREADS": str(self.threads),
            # Each home would make its own, and hash every e-mail differently.
            "SEGMENTS_PEPPER": "bench",
        }

    def night(self, day: str) -> Cost:
        """Run one night and say on standard error what it cost."""
        cost = measure(["-m", "bench.one_night", self.name, day], **self.environment)
        name = f"{self.home.parent.name}, {self.home.name}, {day}"
        print(f"{name}: {cost.cpu:.1f} CPU-s, load {cost.load:.1f}", file=sys.stderr)
        return cost


Nights = dict[tuple[str, str], Cost]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.nights")
    parser.add_argument("--customers", type=int, default=2000)
    customers = parser.parse_args(arguments).customers
    with tempfile.TemporaryDirectory(prefix="segments-bench-") as folder:
        root = Path(folder)
        nights = run_company(root, "trivial", TRIVIAL, one_thread=False)
        nights |= run_company(root, "demo", customers, one_thread=True)
        print_nights(nights)
        print_stages(nights)
        print_ratios(nights)
        print_fixed_cost(root / "fixed")
        print_clusters(root / "demo")
    check_contents(nights)


def run_company(root: Path, name: str, customers: int, one_thread: bool) -> Nights:
    """The first and the next night of a company, in each way."""
    landing = root / name / "landing"
    ways = [Way(way, root / name / way, landing) for way in ("alone", "job")]
    more = ["--customers", str(customers), "--end", FIRST]
    demo = ["-m", "dagster_project.cli", "demo"]
    measure([*demo, *more], **ways[0].environment)
    nights = {(f"{name}, first", way.name): way.night(FIRST) for way in ways}
    if one_thread:
        slow = Way("alone", root / name / "one thread", landing, threads=1)
        nights[f"{name}, first", "alone, one thread"] = slow.night(FIRST)
    measure([*demo, "--append-day"], **ways[0].environment)
    nights |= {(f"{name}, next", way.name): way.night(NEXT) for way in ways}
    return nights


def check_contents(nights: Nights) -> None:
    """Every way publishes the same, or the comparison means nothing."""
    contents = {
        (night, cost.said["content_hash"]) for (night, _), cost in nights.items()
    }
    if len(contents) != len({night for night, _ in contents}):
        raise BenchError(f"the ways published different content: {sorted(contents)}")


def print_nights(nights: Nights) -> None:
    print("## Nights\n")
    titles = ("night", "way", "customers", "events", "CPU-s", "wall s", "MB", "load")
    rows = [
        (
            *key,
            f"{cost.said['customers']:,}",
            f"{cost.said['events']:,}",
            f"{cost.cpu:.1f}",
            f"{cost.wall:.0f}",
            cost.megabytes,
            f"{cost.load:.1f}",
        )
        for key, cost in nights.items()
    ]
    print_table(titles, rows)


def print_stages(nights: Nights) -> None:
    print("\n## CPU-seconds per stage, without Dagster\n")
    alone = {night: cost for (night, way), cost in nights.items() if way == "alone"}
    names = list(dict.fromkeys(n for c in alone.values() for n in c.said["stages"]))
    rows = [
        (name, *(f"{cost.said['stages'].get(name, 0):.1f}" for cost in alone.values()))
        for name in names
    ]
    print_table(("stage", *alone), rows)


def print_ratios(nights: Nights) -> None:
    print("\n## Ratios of CPU-seconds\n")
    pairs = {
        "next night / first night": (("demo, next", "alone"), ("demo, first", "alone")),
        "job / without Dagster, first": (
            ("demo, first", "job"),
            ("demo, first", "alone"),
        ),
        "job / without Dagster, next": (
            ("demo, next", "job"),
            ("demo, next", "alone"),
        ),
        "1 thread / 2 threads": (
            ("demo, first", "alone, one thread"),
            ("demo, first", "alone"),
        ),
    }
    rows = [
        (name, f"{nights[one].cpu / nights[other].cpu:.2f}")
        for name, (one, other) in pairs.items()
    ]
    print_table(("ratio", "of CPU-s"), rows)


def print_clusters(company: Path) -> None:
    """What the discovered clusters are worth, after the next night."""
    print("\n## Discovered clusters\n")
    for module in ("bench.cluster_recovery", "bench.moves"):
        done = subprocess.run(
            [sys.executable, "-m", module, str(company / "alone")],
            env=os.environ | {"SEGMENTS_LANDING": str(company / "landing")},
            capture_output=True,
            text=True,
        )
        print(f"```\n{done.stdout.strip() or done.stderr.strip()}\n```\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BenchError as error:
        sys.exit(f"{error}")
