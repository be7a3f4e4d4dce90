"""The files: same bytes, right days, nothing overwritten."""

import gzip
import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from demo_world import END, READERS, read_landing

from dagster_project.demo import deliveries, generate
from dagster_project.demo.company import produce
from dagster_project.demo.plan import Plan
from dagster_project.errors import SegmentsError, UsageError
from dagster_project.warehouse import connect

SMALL = {"customers": 40, "days": 45, "seed": 5}
# Every demo company sells the same.
PRICE_LISTS = ("catalogue/plans-", "catalogue/plan_features-", "catalogue/products-")


def digests(landing: Path) -> dict[str, str]:
    return {
        path.relative_to(landing).as_posix(): hashlib.md5(path.read_bytes()).hexdigest()
        for path in sorted(landing.rglob("*"))
        if path.is_file()
    }


def union(landing: Path) -> dict[str, list[tuple]]:
    connection = read_landing(landing)
    rows = {}
    for table in READERS:
        described = connection.execute(f"describe {table}").fetchall()
        columns = ", ".join(sorted(row[0] for row in described if row[0] != "filename"))
        rows[table] = connection.execute(
            f"select {columns} from {table} order by all"
        ).fetchall()
    return rows


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    first = generate(**SMALL, end=END, out=tmp_path / "a" / "landing")
    second = generate(**SMALL, end=END, out=tmp_path / "b c" / "landing")
    assert digests(tmp_path / "a" / "landing") == digests(tmp_path / "b c" / "landing")
    assert first.rows == second.rows
    assert len(first.files) == len(digests(tmp_path / "a" / "landing"))
    assert digests(tmp_path / "a" / "demo") == digests(tmp_path / "b c" / "demo")


def test_the_bytes_do_not_depend_on_the_number_of_threads(tmp_path):
    plan = Plan(customers=400, seed=5, start=date(2026, 10, 1))
    for threads in (1, 2):
        connection = connect()
        connection.execute(f"set threads = {threads}")
        windows = list(deliveries.months(plan.start, END))
        landing = tmp_path / str(threads) / "landing"
        produce(connection, plan, windows, landing, lambda _: None)
    assert digests(tmp_path / "1" / "landing") == digests(tmp_path / "2" / "landing")


def test_another_seed_makes_another_company(tmp_path):
    generate(**SMALL, end=END, out=tmp_path / "a" / "landing")
    generate(**SMALL | {"seed": 6}, end=END, out=tmp_path / "b" / "landing")
    ours = digests(tmp_path / "a" / "landing")
    theirs = digests(tmp_path / "b" / "landing")
    assert all(
        theirs.get(name) != digest
        for name, digest in ours.items()
        if not name.startswith(PRICE_LISTS)
    )


def test_an_appended_day_is_the_day_a_longer_run_would_deliver(tmp_path):
    grown, whole = tmp_path / "grown" / "landing", tmp_path / "whole" / "landing"
    generate(**SMALL, end=date(2026, 11, 20), out=grown)
    before = digests(grown)
    result = generate(out=grown, append_day=True)
    generate(**SMALL | {"days": 46}, end=END, out=whole)
    longer = digests(whole)
    new = {path.relative_to(grown).as_posix() for path in result.files}
    assert new and new == {name for name in longer if "2026-11-21" in name}
    assert {name: digests(grown)[name] for name in new} == {
        name: longer[name] for name in new
    }
    assert digests(grown).items() >= before.items()
    assert union(grown) == union(whole)
    personas = "personas.csv"
    assert (
        digests(grown.parent / "demo")[personas]
        == digests(whole.parent / "demo")[personas]
    )


def test_several_days_can_be_appended_at_once(tmp_path):
    step, leap = tmp_path / "step" / "landing", tmp_path / "leap" / "landing"
    for landing in (step, leap):
        generate(**SMALL, end=date(2026, 11, 18), out=landing)
    for _ in range(3):
        generate(out=step, append_day=True)
    generate(out=leap, end=END, append_day=True)
    assert digests(step) == digests(leap)


def test_chunks_of_firms_hold_the_same_rows_as_one_chunk(tmp_path):
    windows = list(deliveries.months(date(2026, 10, 8), END))
    for chunk in (15, 1000):
        plan = Plan(customers=40, seed=5, start=date(2026, 10, 8), chunk=chunk)
        landing = tmp_path / str(chunk) / "landing"
        produce(connect(), plan, windows, landing, lambda _: None)
    assert union(tmp_path / "15" / "landing") == union(tmp_path / "1000" / "landing")
    assert digests(tmp_path / "15" / "demo") == digests(tmp_path / "1000" / "demo")
    assert any("-0002." in name for name in digests(tmp_path / "15" / "landing"))


def test_old_months_are_one_file_and_the_last_two_weeks_are_daily(year_folder):
    names = sorted(path.name for path in (year_folder / "web").iterdir())
    assert names[0] == "events-2025-10.jsonl.gz"
    assert "events-2026-10.jsonl.gz" in names
    assert "events-2026-11.jsonl.gz" not in names
    assert names[-1] == "events-2026-11-21.jsonl.gz"
    assert len(digests(year_folder)) < 380


def test_a_file_is_as_old_as_its_delivery(year_folder):
    times = {
        label: (year_folder / f"web/events-{label}.jsonl.gz").stat().st_mtime
        for label in ("2025-10", "2026-11-20")
    }
    assert times == {
        "2025-10": datetime(2025, 11, 1, tzinfo=UTC).timestamp(),
        "2026-11-20": datetime(2026, 11, 21, tzinfo=UTC).timestamp(),
    }


def test_a_month_ends_up_in_one_file_two_weeks_after_it_is_over():
    labels = [
        [delivery.label for delivery in month]
        for month in deliveries.months(date(2026, 1, 30), date(2026, 3, 14))
    ]
    assert labels[:2] == [["2026-01"], ["2026-02"]]
    assert labels[2][0] == "2026-03-01"
    daily = list(deliveries.months(date(2026, 2, 1), date(2026, 3, 13)))
    assert daily[0][0].label == "2026-02-01"


def test_a_web_line_is_an_object_without_nulls(year_folder):
    with gzip.open(year_folder / "web" / "events-2026-10.jsonl.gz", "rt") as lines:
        events = [json.loads(line) for line in lines]
    assert all(value is not None for event in events for value in event.values())
    traits = next(event["traits"] for event in events if event["event_type"] == "group")
    assert traits["company"]


def test_a_half_made_company_can_be_made_again(tmp_path):
    landing = tmp_path / "landing"
    generate(**SMALL, end=END, out=landing)
    whole = digests(landing)
    plan = landing.parent / "demo" / "demo.json"
    plan.write_text(plan.read_text().replace('"end": "2026-11-21"', '"end": null'))
    (landing / "web" / "events-2026-11-20.jsonl.gz").unlink()
    with pytest.raises(UsageError, match="no complete demo company"):
        generate(out=landing, append_day=True)
    generate(**SMALL, end=END, out=landing)
    assert digests(landing) == whole


def test_progress_is_reported_in_plain_words(tmp_path):
    lines: list[str] = []
    generate(**SMALL, end=END, out=tmp_path / "landing", report=lines.append)
    assert lines[0].startswith("firms 1 to ")
    assert lines[-1].startswith("2026-11-01 to 2026-11-21: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"customers": 0, "end": END}, "--customers must be"),
        ({"days": 0, "end": END}, "--days must be"),
        ({"seed": -1, "end": END}, "--seed must be"),
        ({}, "--end is needed"),
        ({"append_day": True}, "no complete demo company"),
    ],
    ids=["nobody", "no days", "negative seed", "no end", "nothing to append to"],
)
def test_impossible_arguments_are_refused(tmp_path, arguments, message):
    with pytest.raises(UsageError, match=message):
        generate(**arguments, out=tmp_path / "landing")
    assert not list(tmp_path.iterdir())


def test_a_folder_with_other_deliveries_is_left_alone(tmp_path):
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "ours.csv").write_text("id\n1\n")
    with pytest.raises(UsageError, match="is not empty"):
        generate(**SMALL, end=END, out=tmp_path / "landing")


def test_another_company_is_not_mixed_into_the_first(tmp_path):
    generate(**SMALL, end=END, out=tmp_path / "landing")
    with pytest.raises(UsageError, match="another demo company"):
        generate(**SMALL | {"seed": 9}, end=END, out=tmp_path / "landing")
    with pytest.raises(UsageError, match="is past"):
        generate(out=tmp_path / "landing", end=END, append_day=True)


def test_a_company_that_has_grown_is_not_made_again(tmp_path):
    generate(**SMALL, end=date(2026, 11, 20), out=tmp_path / "landing")
    generate(out=tmp_path / "landing", append_day=True)
    for end in (date(2026, 11, 20), END):
        with pytest.raises(UsageError, match="use --append-day"):
            generate(**SMALL, end=end, out=tmp_path / "landing")


@pytest.mark.parametrize("out", ["ours", "ours/landing"], ids=["file", "below a file"])
def test_a_place_that_is_no_folder_is_named(tmp_path, out):
    (tmp_path / "ours").write_text("")
    with pytest.raises(SegmentsError, match="ours.* cannot be written"):
        generate(**SMALL, end=END, out=tmp_path / out)


def test_an_unreadable_plan_is_named(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "demo.json").write_text("{}")
    with pytest.raises(UsageError, match="demo.json: not the plan"):
        generate(out=tmp_path / "landing", append_day=True)
