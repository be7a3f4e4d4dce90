"""The content hash of a night depends on its files and declarations, on nothing else.

The demo company twice: in the home that lives through both nights, and in homes that
differ from it in one thing each.
"""

import gzip
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from dagster_project.demo import generate
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest
from dagster_project.publish import pointer
from dagster_project.publish.catalogue import Release
from dagster_project.settings import REPOSITORY, Settings
from tests.pipeline import world

pytestmark = pytest.mark.night

FIRST = date(2024, 6, 29)
SECOND = FIRST + timedelta(days=1)

# What remembers the predecessor may differ between one night and two.
FACTS = (
    "customer_features",
    "customer_mrr_monthly",
    "mrr_movements",
    "revenue_metrics_monthly",
    "mrr_invoice_reconciliation",
    "customer_people",
)
# So may what the cut points and the models that the predecessor fitted say.
REMEMBERED = ("r_score", "f_score", "m_score", "rfm_class")


class TwoNights(NamedTuple):
    """A home after both nights, and what it was after the first one."""

    settings: Settings
    first: Release
    second: Release
    after_first: Path


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory) -> TwoNights:
    folder = tmp_path_factory.mktemp("both nights")
    settings = world.make_home(folder, threads=2)
    generate(customers=80, days=150, end=FIRST, out=settings.landing_folder)
    first = world.run(settings, FIRST)
    generate(out=settings.landing_folder, append_day=True)
    after_first = folder / "after the first night"
    shutil.copytree(settings.home, after_first, symlinks=True)
    return TwoNights(settings, first, world.run(settings, SECOND), after_first)


def _second_night_elsewhere(two_nights: TwoNights, folder: Path) -> Settings:
    """Another home, in which the first night is over and the second day has landed."""
    shutil.copytree(two_nights.after_first, folder / "home", symlinks=True)
    return two_nights.settings.model_copy(update={"home": folder / "home"})


def _hashes(release: Release) -> dict[str, str]:
    return {
        name: table["content_hash"]
        for name, table in release.manifest["tables"].items()
        if not table["operational"]
    }


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
    assert _hashes(release) == _hashes(two_nights.first)
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


def test_a_night_without_the_state_of_the_last_one_gives_the_same_hash(
    two_nights, tmp_path
):
    there = _second_night_elsewhere(two_nights, tmp_path)
    for state in (there.home / "state").glob("*.duckdb"):
        state.unlink()
    said: list[str] = []
    release = world.run(there, SECOND, say=said.append)
    assert "no state of 2024-06-29-1 is kept: computing from raw" in said
    assert _hashes(release) == _hashes(two_nights.second)
    assert release.content_hash == two_nights.second.content_hash


def test_one_changed_byte_gives_another_hash(two_nights, tmp_path):
    there = _second_night_elsewhere(two_nights, tmp_path)
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
        for name, digest in _hashes(release).items()
        if digest != _hashes(two_nights.second)[name]
    }
    assert "customer_features" in differing
    assert "customer_mrr_monthly" not in differing


def test_two_nights_know_what_one_night_over_all_files_knows(two_nights, tmp_path):
    there = world.make_home(tmp_path)
    shutil.copytree(
        two_nights.settings.landing_folder, there.landing_folder, dirs_exist_ok=True
    )
    at_once = world.run(there, SECOND)
    with world.side_by_side(night_by_night=two_nights.second, at_once=at_once) as both:
        for table in FACTS:
            assert (
                world.difference(both, table, "night_by_night", "at_once", REMEMBERED)
                == []
            )


def test_rfm_is_scored_by_the_cut_points_of_the_first_night(two_nights):
    rows = "select * exclude (release_id, as_of_date) from rfm_cut_points order by all"
    kept = world.read(two_nights.second, rows)
    assert kept == world.read(two_nights.first, rows)
    assert [row[0] for row in kept] == ["monetary", "orders_total", "recency_days"]
    assert {row[-2] for row in kept} == {FIRST}
