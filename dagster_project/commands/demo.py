"""`segments demo`: landing files of a company that does not exist.

The company itself is in `demo/`.
"""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.commands import screen
from dagster_project.commands.options import a_day
from dagster_project.commands.progress import Progress
from dagster_project.settings import load_settings

if TYPE_CHECKING:
    from dagster_project.demo.plan import Made

Customers = Annotated[int, typer.Option(help="Firms on the last day of 395.")]
Days = Annotated[int, typer.Option(help="Days of history, the last one included.")]
End = Annotated[
    date | None,
    typer.Option(
        parser=a_day, metavar="DATE", help="The last day. Default: yesterday."
    ),
]
Seed = Annotated[int, typer.Option(help="Another seed is another company.")]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Default: the landing folder.")
]
Append = Annotated[
    bool,
    typer.Option(
        "--append-day",
        help="Deliver the next day of the company that is there (or all up to --end).",
    ),
]
UpToDate = Annotated[
    bool,
    typer.Option(
        "--up-to-date",
        help="Make the company if there is nothing, else deliver what it lacks.",
    ),
]


def demo(
    customers: Customers = 2000,
    days: Days = 395,
    end: End = None,
    seed: Seed = 1,
    out: Out = None,
    append_day: Append = False,
    up_to_date: UpToDate = False,
) -> None:
    """Make the files of a synthetic company.

    The same arguments give the same bytes.
    """
    from dagster_project.demo import generate
    from dagster_project.demo.plan import read_made
    from dagster_project.run import yesterday

    settings = load_settings()
    folder = out.expanduser().absolute() if out else settings.landing_folder
    if up_to_date and out is None and settings.landing is not None:
        screen.say(
            f"{folder} is yours (SEGMENTS_LANDING): no demo company is made there"
        )
        return
    if up_to_date:
        last_day = end or yesterday(settings)
        made_before = read_made(folder)
        if _needs_nothing(folder, made_before, last_day):
            screen.say(f"{folder} has its deliveries")
            return
        if made_before and made_before.end:
            append_day, end = True, last_day
        elif made_before:
            customers, seed = made_before.plan.customers, made_before.plan.seed
            end = made_before.first_end
            days = (end - made_before.plan.start).days + 1
    last = end if end or append_day else yesterday(settings)
    with Progress("demo company") as progress:
        made = generate(customers, days, last, seed, folder, append_day, progress.stage)
    screen.say(f"{sum(made.rows.values()):,} rows in {len(made.files):,} files")
    screen.say(f"  {folder}")
    screen.table(("feed", "rows"), sorted(made.rows.items()))
    if folder != settings.landing_folder:
        screen.say(f"To run nights on them: SEGMENTS_LANDING={folder} segments run")
    if last and last > yesterday(settings):
        screen.say(
            f"Rows after {yesterday(settings)} count only when their day is over."
        )


def _needs_nothing(folder: Path, made: "Made | None", last: date) -> bool:
    """Somebody's own deliveries are left alone, and so is a company up to the day."""
    if made is None:
        return folder.exists() and any(folder.iterdir())
    return made.end is not None and made.end >= last
