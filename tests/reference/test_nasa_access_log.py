"""One day of the web server of NASA as an access log, against a plain count."""

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from dagster_project.ingest.file_set import file_set, raw_relations
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest
from dagster_project.settings import REPOSITORY, Settings
from dagster_project.warehouse import parquet_list

DATA = REPOSITORY.parent / "shared" / "data" / "nasa_http_1995_08_01"
FLORIDA = timezone(timedelta(hours=-4))

pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason=f"{DATA} is not there: the public log is not in here"
)

Hit = dict[str, str]


def hits() -> list[Hit]:
    with gzip.open(DATA / "nasa_http.csv.gz", "rt", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def as_logged(hit: Hit) -> str:
    at = datetime.fromtimestamp(int(hit["time"]), UTC).astimezone(FLORIDA)
    request = f"{hit['method']} {hit['url']} HTTP/1.0"
    day = at.strftime("%d/%b/%Y:%H:%M:%S %z")
    return f'{hit["host"]} - - [{day}] "{request}" {hit["response"]} {hit["bytes"]}\n'


def is_page(hit: Hit) -> bool:
    return hit["url"].endswith((".html", "/"))


def succeeded(hit: Hit) -> bool:
    return hit["method"] == "GET" and hit["response"][0] in "23"


def test_the_pages_of_a_day_are_found_in_its_log(tmp_path: Path) -> None:
    reference = json.loads((DATA / "reference.json").read_text())
    lines = hits()
    assert sum(map(is_page, lines)) == reference["page_hits(.html or /)"]
    settings = Settings(
        home=tmp_path / "home",
        landing=tmp_path / "landing",
        pepper="pepper",
        settle_seconds=0,
    )
    log = tmp_path / "landing" / "access_log" / "1995-08-01.log"
    log.parent.mkdir(parents=True)
    log.write_text("".join(map(as_logged, lines)), encoding="utf-8")
    sources = load_sources(REPOSITORY / "sources")
    wanted = [s for s in sources if s.name == "web_events__access_log"]
    (file,) = ingest(settings, wanted).files
    assert file.row.lines + file.row.filtered == reference["rows"]
    files = parquet_list(raw_relations(settings, file_set(settings))["web_events"])
    ((pages, events, visitors, first, last),) = duckdb.execute(f"""
        select count(*) filter (url like '%.html' or url like '%/'),
            count(distinct event_id) = count(*), count(distinct anonymous_id),
            epoch(min(event_at)), epoch(max(event_at))
        from read_parquet({files})""").fetchall()
    assert pages == sum(is_page(hit) and succeeded(hit) for hit in lines)
    assert events
    assert 0.5 * reference["hosts"] < visitors < reference["hosts"] + 50
    assert reference["first_ts"] <= first < last <= reference["last_ts"]
