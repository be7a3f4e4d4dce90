"""Options that several commands share. What they do is with the commands."""

from datetime import date, datetime
from typing import Annotated

import typer

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON on standard output, for a program.")
]

Wait = Annotated[
    float,
    typer.Option(
        min=0, metavar="SECONDS", help="How long to wait for a run in progress."
    ),
]


def a_day(text: str) -> date:
    """A day as people write it in a command: 2026-11-21."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not a day, for example 2026-11-21"
        ) from error
