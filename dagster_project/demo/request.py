"""Which days a call of the demo is to make, or why it cannot.

What the plan of a company is lives in `plan`; nothing is written here.
"""

from datetime import date, timedelta
from pathlib import Path

from dagster_project.demo.deliveries import DAY, Delivery, days, months
from dagster_project.demo.plan import Made, Plan, read_made, side_folder
from dagster_project.errors import UsageError

Windows = list[list[Delivery]]


def first_days(
    customers: int, length: int, end: date | None, seed: int, out: Path
) -> tuple[Made, Windows]:
    """The whole window of a new company, or of one that was left half made.

    Raises UsageError when the arguments are impossible or `out` holds other files.
    """
    if end is None:
        raise UsageError("--end is needed, for example --end 2026-11-21")
    if length < 1:
        raise UsageError("--days must be at least 1")
    plan = Plan(customers, seed, end - timedelta(days=length - 1))
    known = read_made(out)
    if known is None and out.exists() and any(out.iterdir()):
        raise UsageError(
            f"{out} is not empty and holds no demo company; choose another --out"
        )
    if known and known not in (Made(plan, end, None), Made(plan, end, end)):
        raise UsageError(
            f"{out} holds another demo company ({_words(known)}); delete it with "
            f"{side_folder(out)}, choose another --out, or use --append-day"
        )
    return Made(plan, end, None), list(months(plan.start, end))


def next_days(out: Path, end: date | None) -> tuple[Made, Windows]:
    """The day after the last one of the company in `out`, or all days up to `end`.

    Raises UsageError when there is no complete company or `end` is past.
    """
    known = read_made(out)
    if known is None or known.end is None:
        raise UsageError(
            f"{out} holds no complete demo company; make it without --append-day first"
        )
    first = known.end + DAY
    if end and end < first:
        raise UsageError(
            f"{out} already has the files up to {known.end}; --end {end} is past"
        )
    return known, [days(first, end or first)]


def _words(made: Made) -> str:
    plan = made.plan
    return (
        f"{plan.customers} customers, seed {plan.seed}, {plan.start} to "
        f"{made.end or 'an unfinished day'}"
    )
