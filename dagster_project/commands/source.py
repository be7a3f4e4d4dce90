"""`segments source new`: propose the declaration of a file from a look at it.

What is guessed is in `ingest/propose*.py`.
"""

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.commands import screen
from dagster_project.commands.deliveries import show_trial
from dagster_project.commands.progress import Progress
from dagster_project.errors import DeclarationError, UsageError
from dagster_project.ingest.propose.dry_run import Trial, try_declaration
from dagster_project.ingest.propose.fit import (
    Fit,
    fitting,
    known_sources,
    loaded_rows,
    rejected_rows,
)
from dagster_project.ingest.propose.proposal import Proposal, propose
from dagster_project.ingest.propose.reading import read_sample
from dagster_project.ingest.propose.text import as_yaml
from dagster_project.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Which file is which feed.")

Sample = Annotated[Path, typer.Argument(metavar="FILE", help="A delivery to look at.")]
Feed = Annotated[
    str | None, typer.Option(metavar="F", help="The feed, if you know it.")
]
Name = Annotated[
    str | None, typer.Option(metavar="N", help="Of the source; <feed>__<vendor>.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Write it there; printed otherwise. Never overwrites."
    ),
]


@app.callback()
def source() -> None:
    """Which file is which feed."""
    # One command alone would not be asked for by its name.


@app.command("new")
def new(file: Sample, feed: Feed = None, name: Name = None, out: Out = None) -> None:
    """Propose a declaration for a file, and try it on the same file.

    Nothing of it is in use until it lies in sources/. When a declaration reads the file
    already, it is named instead.
    """
    settings = load_settings()
    with Progress(f"looking at {file.name}") as progress:
        if not feed and (known := _known(settings, file, progress)):
            _show_known(settings, known)
            return
        proposal = propose(file, settings.landing_folder, feed, name)
        target = _target(out, proposal.name)
        trial = None
        if proposal.source:
            progress.stage("trying the proposal")
            trial = try_declaration(settings, proposal.source, file)
    text = as_yaml(proposal)
    if target:
        with target.open("x", encoding="utf-8") as file_:
            file_.write(text)
    _show(proposal, text, target)
    if trial:
        _show_trial(trial)


def _known(settings: Settings, file: Path, progress: Progress) -> list[Fit]:
    sample = read_sample(file)
    progress.stage("trying the declarations that there are")
    try:
        sources = known_sources(settings)
    except DeclarationError as error:
        progress.say(f"the declarations that there are cannot be read: {error}")
        return []
    return fitting(settings, sources, sample)


def _show_known(settings: Settings, known: list[Fit]) -> None:
    folder = settings.declaration_folder("sources")
    screen.say("There is a declaration that reads this file:")
    for fit in known:
        one, refused = fit.source, f", {fit.refused:,} not" if fit.refused else ""
        screen.say(
            f"  {one.name} ({one.feed}): {fit.loaded:,} rows of the sample load"
            f"{refused}. Deliver it as {one.path} below landing"
        )
    screen.say(f"They are in {folder}; --feed asks for a proposal all the same.")


def _target(out: Path | None, name: str) -> Path | None:
    if out is None:
        return None
    target = out / f"{name}.yml"
    if target.exists():
        raise UsageError(f"{target}: exists and is not overwritten; choose --name")
    if not out.is_dir():
        raise UsageError(f"--out {out}: no such folder")
    return target


def _show(proposal: Proposal, text: str, target: Path | None) -> None:
    if target:
        screen.say(f"Written to {target}")
    else:
        print(text)
    feed = proposal.matching.feed.name
    likely = (
        f"; {' or '.join(proposal.others)} is less likely" if proposal.others else ""
    )
    screen.say(f"It looks like {feed}{likely}. --feed chooses another.")
    for need in proposal.needs:
        screen.paragraph(f"missing: {need}", "  ", "  ")
    if proposal.needs:
        screen.say("It is no declaration yet: say where these come from.")
    if proposal.left_over:
        screen.say(
            f"{len(proposal.left_over)} columns are not mapped, listed at its end."
        )


def _show_trial(trial: Trial) -> None:
    loaded, refused = loaded_rows(trial), rejected_rows(trial)
    screen.heading(f"Tried on this file: {loaded:,} rows load, {refused:,} do not")
    show_trial(trial)
