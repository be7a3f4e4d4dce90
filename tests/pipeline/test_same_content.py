"""The content hash of a night depends on its files and declarations, on nothing else.

The demo company twice: in the home that lives through both nights, and in homes that
differ from it in one thing each.
"""

import gzip
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest
from dagster_project.publish import pointer
from dagster_project.publish.catalogue import Release
from dagster_project.settings import REPOSITORY, Settings
from tests.pipeline import world
from tests.pipeline.demo_company import FIRST, SECOND, TwoNights, hashes

pytestmark = pytest.mark.night


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory) -> TwoNights:
    return TwoNights(tmp_path_factory.mktemp("both nights"))


def test_the_nights_of_the_demo_are_about_somebody(two_nights):
    counted = "select count(*), count(distinct lifecycle_stage) from customer_features"
    customers, stages = world.read(two_nights.second, counted)[0]
    assert customers > 60
    assert stages > 3
    assert two_nights.first.content_hash != two_nights.second.content_hash


def test_another_process_home_thread_count_and_order_give_the_same_hash(
    two_nights, tmp_path
):
    there = world.make_home(tmp_path / "somewhere else", threads=1)
    landed = two_nights.settings.landing_folder
    of_the_first_night = [
        path
        for path in sorted(landed.rglob("*-2024-*"), reverse=True)
        if str(SECOND) not in path.name
    ]
    half = len(of_the_first_night) // 2
    sources = load_sources(there.declaration_folder("sources"))
    for part in (of_the_first_night[:half], of_the_first_night[half:]):
        for days, path in enumerate(part):
            copy = there.landing_folder / path.relative_to(landed)
            _copy_last_row_first(path, copy)
            os.utime(copy, (86_400 * days, 86_400 * days))
        ingest(there, sources)
    release = _run_in_a_process_of_its_own(there, FIRST)
    assert hashes(release) == hashes(two_nights.first)
    assert release.content_hash == two_nights.first.content_hash


def _copy_last_row_first(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        rows = pq.read_table(path)
        pq.write_table(rows.take(list(reversed(range(rows.num_rows)))), copy)
        return
    is_packed = path.suffix == ".gz"
    content = path.read_bytes()
    lines = (gzip.decompress(content) if is_packed else content).splitlines(True)
    header = 0 if ".jsonl" in path.name else 1
    turned = b"".join([*lines[:header], *reversed(lines[header:])])
    copy.write_bytes(gzip.compress(turned) if is_packed else turned)


def _run_in_a_process_of_its_own(settings: Settings, day: date) -> Release:
    """Run a night where strings hash otherwise and the machine is in Tokyo."""
    given = {
        "SEGMENTS_HOME": str(settings.home),
        "SEGMENTS_PEPPER": world.PEPPER,
        "SEGMENTS_THREADS": str(settings.threads),
        "PYTHONHASHSEED": "20",
        "TZ": "Asia/Tokyo",
    }
    program = (
        "import datetime, dagster_project.run as run, dagster_project.settings as s\n"
        f"run.run_night(s.load_settings(), datetime.date.fromisoformat('{day}'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=os.environ | given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    release = pointer.current_release(settings)
    assert release
    return release


def test_one_changed_byte_gives_another_hash(two_nights, tmp_path):
    there = two_nights.with_the_second_before_it(tmp_path)
    invoices = there.landing_folder / f"billing/invoice_lines-{SECOND}.csv.gz"
    text = gzip.decompress(invoices.read_bytes())
    end_of_amount = text.rindex(b",EUR,") - len(b".00")
    digit = b"1" if text[end_of_amount - 1 : end_of_amount] != b"1" else b"2"
    changed = text[: end_of_amount - 1] + digit + text[end_of_amount:]
    assert sum(one != other for one, other in zip(text, changed, strict=True)) == 1
    invoices.write_bytes(gzip.compress(changed))
    release = world.run(there, SECOND)
    assert release.content_hash != two_nights.second.content_hash
    differing = {
        name
        for name, digest in hashes(release).items()
        if digest != hashes(two_nights.second)[name]
    }
    assert "customer_features" in differing
    assert "customer_mrr_monthly" not in differing


def test_rfm_is_scored_by_the_cut_points_of_the_first_night(two_nights):
    rows = "select * exclude (release_id, as_of_date) from rfm_cut_points order by all"
    kept = world.read(two_nights.second, rows)
    assert kept == world.read(two_nights.first, rows)
    assert [row[0] for row in kept] == ["monetary", "orders_total", "recency_days"]
    assert {row[-2] for row in kept} == {FIRST}
