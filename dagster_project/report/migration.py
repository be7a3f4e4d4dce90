"""Who changed segment since last night, per model."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dagster_project.report import words
from dagster_project.report.published import Published
from dagster_project.report.segments import Model

MOVES_SHOWN = 15
NEW = (None, "(new)")
GONE = (None, "(gone)")


@dataclass(frozen=True)
class Move:
    """Customers who went from one segment to another, and their MRR."""

    origin: str
    target: str
    customers: int | None
    mrr: Any


@dataclass(frozen=True)
class Migration:
    """The moves of one model, largest first, and what they come to in words.

    `net` is None when there is nothing to compare with.
    """

    summary: str
    since: str
    moves: list[Move]
    hidden: int
    net: dict[str, int] | None


def migrations(
    published: Published, models: list[Model], is_first_night: bool
) -> dict[str, Migration]:
    """What moved in each model since the release before."""
    rows = published.rows(
        """select * from {segment_migration} where model is not null
        order by model, customers desc, from_segment nulls first, to_segment"""
    )
    since = max((row["since_date"] for row in rows if row["since_date"]), default=None)
    still = Migration(f"Nothing moved since {_day(since)}.", _short(since), [], 0, {})
    if not published.has("segment_migration"):
        text = "Moves are not known: segment_migration is not in this release."
        still = Migration(text, _short(since), [], 0, None)
    elif is_first_night and not rows:
        text = "First night: there is no release before it to compare with."
        still = Migration(text, _short(since), [], 0, None)
    found = {}
    for model in models:
        own = [row for row in rows if row["model"] == model.name]
        moves = [row for row in own if row["from_segment"] != row["to_segment"]]
        found[model.name] = _migration(moves, since) if moves else still
    return found


def _migration(moves: list[dict[str, Any]], since: date | None) -> Migration:
    net: dict[str, int] = {}
    for row in moves:
        for name, sign in ((row["to_segment"], 1), (row["from_segment"], -1)):
            net[name] = net.get(name, 0) + sign * (row["customers"] or 0)
    shown = [_move(row) for row in moves[:MOVES_SHOWN]]
    summary = f"{_counts(moves)} since {_day(since)}."
    return Migration(summary, _short(since), shown, len(moves) - len(shown), net)


def _move(row: dict[str, Any]) -> Move:
    origin, target = row["from_segment"], row["to_segment"]
    return Move(
        origin="New customers" if origin in NEW else words.plain(origin),
        target="No longer a customer" if target in GONE else words.plain(target),
        customers=row["customers"],
        mrr=row["mrr"],
    )


def _day(since: date | None) -> str:
    return words.day(since) if since else "last night"


def _short(since: date | None) -> str:
    return words.short_day(since) if since else "last night"


def _counts(moves: list[dict[str, Any]]) -> str:
    moved = came = left = 0
    for row in moves:
        customers = row["customers"] or 0
        if row["from_segment"] in NEW:
            came += customers
        elif row["to_segment"] in GONE:
            left += customers
        else:
            moved += customers
    counts = (
        (moved, "customer moved", "customers moved"),
        (came, "came new", "came new"),
        (left, "left", "left"),
    )
    return ", ".join(words.counted(*each) for each in counts if each[0])
