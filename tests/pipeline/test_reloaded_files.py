"""Files that are read again or withdrawn between two nights are seen by the second."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.ledger import open_ledger
from dagster_project.ingest.load import ingest
from dagster_project.ingest.operate import reload, withdraw
from dagster_project.ingest.raw_files import raw_path
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, literal
from tests.pipeline import firm
from tests.pipeline.world import at, deliver, event, make_home, read, run

pytestmark = pytest.mark.night

EVENTS = "select sum(events_total) from customer_features"


def read_badly(settings: Settings, name: str) -> None:
    """As an earlier version of the reader left it: half of the rows were lost."""
    with open_ledger(settings) as ledger:
        (row,) = (row for row in ledger.rows() if row.path == name)
    path = raw_path(settings.home, row.feed, row.file_id)
    less = path.with_suffix(".less")
    with connect() as engine:
        engine.execute(
            f"copy (from read_parquet({literal(path)}) where _line % 2 = 0) "
            f"to {literal(less)} (format parquet)"
        )
    less.replace(path)
    with open_ledger(settings) as ledger:
        ledger.write(replace(row, lines=row.lines // 2, loaded=row.loaded // 2))


def test_the_next_night_equals_one_that_computes_everything_from_nothing(
    tmp_path: Path,
):
    settings = make_home(tmp_path, firm.MODELS)
    sources = load_sources(settings.declaration_folder("sources"))
    firm.begin(settings, firm.FIRST)
    twice = [event(f"twice-{n}", at(firm.FIRST, "20:00"), user_id="u1") for n in (1, 2)]
    deliver(settings, f"{firm.FIRST}-twice", web_events=twice)
    ingest(settings, sources)
    read_badly(settings, f"web/events-{firm.FIRST}.jsonl")
    assert read(run(settings, firm.FIRST), EVENTS) == [(firm.CUSTOMERS // 2 + 2,)]

    reload(settings, sources, f"web/events-{firm.FIRST}.jsonl")
    withdraw(settings, f"web/events-{firm.FIRST}-twice.jsonl", "sent by mistake")
    firm.another_day(settings, firm.SECOND)
    second = run(settings, firm.SECOND)
    assert read(second, EVENTS) == [(firm.CUSTOMERS * 2,)]

    shutil.rmtree(settings.home / "state")
    said: list[str] = []
    again = run(settings, firm.SECOND, say=said.append)
    assert f"no state of {firm.FIRST}-1 is kept: computing from raw" in said
    assert again.content_hash == second.content_hash
