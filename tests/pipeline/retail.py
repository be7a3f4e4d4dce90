"""The home of the retail sample with all its files read, once for all tests of it."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest
from dagster_project.ingest.outcome import IngestResult
from dagster_project.settings import Settings
from tests.pipeline.world import make_home
from tests.reference.retail_files import LANDING


class Retail(NamedTuple):
    """The home, and what was said when its files were read."""

    settings: Settings
    ingested: IngestResult


@cache
def retail_sample(folder: Path) -> Retail:
    """The same home each time for the same folder."""
    settings = make_home(
        folder,
        declarations=LANDING.parent,
        landing=LANDING,
        reporting_currency="GBP",
    )
    sources = load_sources(settings.declaration_folder("sources"))
    return Retail(settings, ingest(settings, sources))
