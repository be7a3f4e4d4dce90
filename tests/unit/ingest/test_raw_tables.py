from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from ingest_company import Company

from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.file_set import (
    file_set,
    personal_paths,
    quarantine_paths,
    raw_relations,
)
from dagster_project.ingest.load import ingest
from dagster_project.settings import Settings

SAMPLE = {
    "integer": 1,
    "decimal": 1,
    "timestamp": "2026-11-20",
    "date": "2026-11-20",
    "currency": "EUR",
    "json": {"a": 1},
    "traits": {"a": 1},
    "email": "a@b.example",
    "phone": "+49 30 1234",
}
KNOWN = {"event_type": "page", "survey_kind": "csat", "status": "succeeded"}


@pytest.mark.parametrize("feed", FEEDS)
def test_an_empty_table_has_the_columns_of_a_filled_one(
    company: Company, feed: str
) -> None:
    spec = FEEDS[feed]
    company.source(feed=feed, path="*.jsonl", format="jsonl", delivery="upserts")
    row = {name: SAMPLE.get(kind, "x") for name, kind in spec.fields.items()}
    row |= {name: values[0] for name, values in spec.values.items()}
    company.deliver("a.jsonl", [row])
    assert company.counts() == (1, 1, 0, 0, 0)
    (path,) = raw_relations(company.settings, file_set(company.settings))[feed]
    filled = duckdb.execute(f"describe from read_parquet('{path}')").fetchall()
    empty = duckdb.execute(f"describe {spec.empty_table_sql()}").fetchall()
    assert [row[:2] for row in filled] == [row[:2] for row in empty]
    assert [(name, kind) for name, kind, *_ in filled] == list(spec.columns.items())


def test_the_files_of_a_night_are_found_by_feed(events: Company) -> None:
    row = {"event_id": "e", "user_id": "u", "event_type": "page"}
    good = {**row, "event_at": "2026-11-20", "email": "a@b.example"}
    events.deliver("a.jsonl", [good, {**row, "event_at": "soon"}])
    events.ingest()
    files = file_set(events.settings)
    relations = raw_relations(events.settings, files)
    assert {feed for feed, paths in relations.items() if paths} == {"web_events"}
    assert relations.keys() == FEEDS.keys()
    assert len(quarantine_paths(events.settings, files)) == 1
    assert len(personal_paths(events.settings, files)) == 1


def test_raw_rows_do_not_depend_on_threads_or_home(
    events: Company, tmp_path: Path
) -> None:
    rows = [
        {
            "event_id": f"e{n}",
            "user_id": f"u{n % 7}",
            "event_type": "page",
            "event_at": f"2026-11-{n % 20 + 1:02}T10:00:00Z",
            "email": f"u{n % 7}@b.example",
        }
        for n in range(3000)
    ]
    events.deliver("a.jsonl", rows[:2000])
    events.deliver("b.jsonl", rows[2000:])
    contents = []
    for threads in (1, 2):
        settings = Settings(
            home=tmp_path / f"other home {threads}",
            landing=events.landing,
            pepper="pepper",
            threads=threads,
        )
        ingest(settings, events.sources, seen_at=datetime(2026, 11, 21))
        paths = raw_relations(settings, file_set(settings))["web_events"]
        contents.append(
            [
                # Which file has which lines is promised, not their order in it.
                duckdb.execute(f"from read_parquet('{path}') order by _line").fetchall()
                for path in paths
            ]
        )
    assert contents[0] == contents[1]
    assert sum(map(len, contents[0])) == 3000
