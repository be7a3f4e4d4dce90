"""What makes one demo company, remembered beside its landing folder.

Dates and sizes only; what the customers do is in `sql/`.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from dagster_project.errors import UsageError

# The share of `customers` that is there on the first day; the others join at a steady
# rate that fills the number on day 395 and goes on after it.
FOUNDERS = 0.75
GROWTH_DAYS = 395
# A firm is seen on the site up to two weeks before it joins.
SEEN_BEFORE = timedelta(days=21)


@dataclass(frozen=True)
class Plan:
    """A company that any day can be made of. It does not know when it ends."""

    customers: int
    seed: int
    start: date
    chunk: int = 250_000

    def __post_init__(self) -> None:
        """Refuse what the numbers in the identifiers cannot hold."""
        if not 1 <= self.customers < 10_000_000:
            raise UsageError("--customers must be between 1 and 9,999,999")
        if not 0 <= self.seed < 2**31:
            raise UsageError(f"--seed must be between 0 and {2**31 - 1}")

    @property
    def founders(self) -> int:
        """Firms that joined before the window."""
        return max(1, int(self.customers * FOUNDERS))

    @property
    def arrivals(self) -> int:
        """Firms that join in 395 days."""
        return max(1, self.customers - self.founders)

    def chunks(self, until: date) -> Iterator[tuple[int, int, int]]:
        """Number, first and last firm of each chunk that is known on a day."""
        days = (until + SEEN_BEFORE - self.start).days + 1
        last = self.founders + days * self.arrivals // GROWTH_DAYS + 1
        for number, first in enumerate(range(1, last + 1, self.chunk)):
            yield number, first, min(first + self.chunk - 1, last)


@dataclass(frozen=True)
class Made:
    """A plan and what was made of it.

    `first_end` is the last day of the first run; `end` the last day whose files are
    complete, none while the first run is at work.
    """

    plan: Plan
    first_end: date
    end: date | None


def side_folder(out: Path) -> Path:
    """Where the demo keeps what is no delivery: its plan and the hidden personas."""
    return out.absolute().parent / "demo"


def read_made(out: Path) -> Made | None:
    """The company whose files lie in `out`; None when none was made there."""
    path = side_folder(out) / "demo.json"
    if not path.exists():
        return None
    try:
        facts = json.loads(path.read_text())
        end = facts.pop("end")
        first_end = date.fromisoformat(facts.pop("first_end"))
        plan = Plan(start=date.fromisoformat(facts.pop("start")), **facts)
        return Made(plan, first_end, date.fromisoformat(end) if end else None)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}: not the plan of a demo company ({error!r}); "
            "delete it and the landing folder, then make the company again"
        ) from error


def write_made(out: Path, made: Made) -> None:
    """Remember what was made, replacing what was known."""
    folder = side_folder(out)
    folder.mkdir(parents=True, exist_ok=True)
    facts = {**asdict(made.plan), "first_end": made.first_end, "end": made.end}
    draft = folder / ".demo.json.tmp"
    draft.write_text(json.dumps(facts, default=str, indent=2) + "\n")
    draft.replace(folder / "demo.json")
