"""Withdrawing, reloading and retrying files; whether a business day is complete."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from ingest_company import Company

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.ingest.file_set import file_set
from dagster_project.ingest.ledger import LedgerRow, open_ledger
from dagster_project.ingest.operate import find_files, reload, retry, withdraw
from dagster_project.ingest.operate_day import day_complete
from dagster_project.publish.lock import night_lock

HEAD = "invoice_line_id,invoice_id,invoiced_at,amount\n"
FIRST = HEAD + "l1,i1,2026-11-20T10:00:00Z,10\nl2,i1,2026-11-20T11:00:00Z,x\n"
SECOND = HEAD + "l3,i2,2026-11-20T10:00:00Z,30\n"


def rows(company: Company) -> dict[str, LedgerRow]:
    with open_ledger(company.settings) as ledger:
        return {row.path: row for row in ledger.rows()}


# Which file is meant


def test_a_file_is_found_by_path_and_by_the_beginning_of_its_id(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    (by_path,) = find_files(invoices.settings, "a.csv")
    assert find_files(invoices.settings, by_path.file_id[:8]) == [by_path]
    assert find_files(invoices.settings, by_path.file_id) == [by_path]


def test_another_name_of_the_same_content_is_found_by_its_content(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.deliver("b.csv", FIRST)
    invoices.ingest()
    assert find_files(invoices.settings, "b.csv") == find_files(
        invoices.settings, "a.csv"
    )


@pytest.mark.parametrize("name", ["", "a", "none.csv", "../outside.csv", "abcdef"])
def test_what_is_no_file_is_refused(invoices: Company, name: str):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    (invoices.landing.parent / "outside.csv").write_text(FIRST)
    with pytest.raises(UsageError, match="no such file id or path"):
        find_files(invoices.settings, name)


# Withdrawing


def test_a_withdrawn_file_is_in_no_later_night_and_stays_in_the_ledger(
    invoices: Company,
):
    invoices.deliver("a.csv", FIRST)
    invoices.deliver("b.csv", SECOND)
    invoices.ingest()
    withdraw(invoices.settings, "a.csv", "sent twice")
    assert [row.path for row in file_set(invoices.settings)] == ["b.csv"]
    gone = rows(invoices)["a.csv"]
    assert (gone.status, gone.reason, gone.loaded) == ("withdrawn", "sent twice", 1)


def test_the_same_content_does_not_come_back_by_being_delivered(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    withdraw(invoices.settings, "a.csv", "sent twice")
    invoices.deliver("again.csv", FIRST)
    invoices.ingest()
    assert file_set(invoices.settings) == []


def test_withdrawing_twice_keeps_the_first_reason(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    withdraw(invoices.settings, "a.csv", "first")
    withdraw(invoices.settings, "a.csv", "second")
    assert rows(invoices)["a.csv"].reason == "first"


# Reloading


def test_a_reloaded_file_is_read_again_and_counts_as_another_reading(
    invoices: Company,
):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    first = rows(invoices)["a.csv"]
    (done,) = reload(invoices.settings, invoices.sources, "a.csv")
    assert done.after.reading > first.reading
    assert (done.won, done.after.loaded, done.after.status) == (0, 1, "loaded")
    assert invoices.raw("invoice_lines", "invoice_line_id") == [("l1",)]


def test_a_withdrawn_file_comes_back_by_reloading_it(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    withdraw(invoices.settings, "a.csv", "by mistake")
    (done,) = reload(invoices.settings, invoices.sources, "a.csv")
    assert (done.won, done.after.status, done.after.reason) == (1, "loaded", None)


def test_a_rejected_file_is_reloaded_with_its_new_reason(invoices: Company):
    invoices.deliver("a.csv", "x,y\n1,2\n")
    invoices.ingest()
    (done,) = reload(invoices.settings, invoices.sources, "a.csv")
    assert done.after.status == "rejected"
    assert "required column" in str(done.after.reason)


def test_replaced_content_is_not_reloaded_over_what_replaced_it(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    (old,) = find_files(invoices.settings, "a.csv")
    invoices.deliver("a.csv", SECOND)
    invoices.ingest()
    with pytest.raises(UsageError, match="was replaced by newer content of a.csv"):
        reload(invoices.settings, invoices.sources, old.file_id)


def test_a_file_that_has_left_landing_is_reloaded_from_its_landed_copy(
    invoices: Company,
):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    withdraw(invoices.settings, "a.csv", "by mistake")
    (invoices.landing / "a.csv").unlink()
    (done,) = reload(invoices.settings, invoices.sources, "a.csv")
    assert done.after.status == "loaded"


def test_bytes_that_are_nowhere_change_nothing(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    withdraw(invoices.settings, "a.csv", "by mistake")
    before = rows(invoices)["a.csv"]
    (invoices.landing / "a.csv").unlink()
    for copy in (invoices.settings.home / "raw" / "landed").glob("*"):
        copy.unlink()
    with pytest.raises(SegmentsError, match="deliver it again"):
        reload(invoices.settings, invoices.sources, "a.csv")
    assert rows(invoices)["a.csv"] == before


def test_a_source_that_is_no_longer_declared_is_named(invoices: Company):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    with pytest.raises(UsageError, match="source: this source is no longer declared"):
        reload(invoices.settings, [], "a.csv")


def test_killed_before_the_reading_the_next_ingest_does_it(
    invoices: Company, monkeypatch: pytest.MonkeyPatch
):
    invoices.deliver("a.csv", FIRST)
    invoices.ingest()
    withdraw(invoices.settings, "a.csv", "by mistake")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dagster_project.ingest.operate.ingest", killed)
    with pytest.raises(KeyboardInterrupt):
        reload(invoices.settings, invoices.sources, "a.csv")
    assert file_set(invoices.settings) == []
    invoices.ingest()
    assert [row.path for row in file_set(invoices.settings)] == ["a.csv"]


# Retrying


def test_retry_reads_files_with_rejects_again_and_counts_what_is_won(company: Company):
    fields = {"invoice_line_id": "invoice_line_id", "invoice_id": "invoice_id"}
    fields |= {"invoiced_at": "invoiced_at", "amount": "amount"}
    about = {"feed": "invoice_lines", "path": "*.csv", "format": "csv"}
    company.source(**about, delivery="events", fields=fields)
    company.deliver("a.csv", FIRST)
    company.deliver("b.csv", SECOND)
    company.ingest()
    company.sources.clear()
    corrected = fields | {"amount": {"path": "amount", "values": {"x": "0"}}}
    company.source(**about, delivery="events", fields=corrected)
    (done,) = retry(company.settings, company.sources)
    assert done.after.path == "a.csv"
    assert (done.before.quarantined, done.after.quarantined, done.won) == (1, 0, 1)
    assert retry(company.settings, company.sources) == []


def test_retry_of_one_source_leaves_the_others_alone(company: Company):
    about = {"feed": "invoice_lines", "format": "csv", "delivery": "events"}
    company.source("left", path="left/*.csv", **about)
    company.source("right", path="right/*.csv", **about)
    company.deliver("left/a.csv", FIRST)
    company.deliver("right/a.csv", FIRST)
    company.ingest()
    (done,) = retry(company.settings, company.sources, "left")
    assert done.after.source == "left"
    with pytest.raises(UsageError, match="--source middle: not declared"):
        retry(company.settings, company.sources, "middle")


# The end of a day

LATER = timedelta(hours=1)
DAY = date(2026, 11, 20)


@pytest.fixture
def required(company: Company) -> Company:
    company.source(
        feed="invoice_lines",
        path="*.csv",
        format="csv",
        delivery="events",
        required=True,
    )
    return company


def at_night(company: Company, hour: int = 3) -> datetime:
    """The night after DAY; the files of the tests are made to be of that evening."""
    evening = datetime(2026, 11, 20, 23, tzinfo=UTC).timestamp()
    for path in company.landing.rglob("*"):
        os.utime(path, (evening, evening))
    return datetime(2026, 11, 21, hour, tzinfo=UTC)


def settled(company: Company, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The same, where the change of a file's time is not the present either."""
    now = at_night(company)

    class Stat:
        def __init__(self, found: os.stat_result) -> None:
            self.found = found

        def __getattr__(self, name: str) -> object:
            return getattr(self.found, "st_mtime" if name == "st_ctime" else name)

    real = Path.stat
    monkeypatch.setattr(
        "dagster_project.ingest.operate_day.Path.stat",
        lambda path, **given: Stat(real(path, **given)),
    )
    return now


def test_a_day_is_complete_when_every_required_source_has_rows_of_it(
    required: Company, monkeypatch: pytest.MonkeyPatch
):
    required.deliver("a.csv", SECOND)
    now = settled(required, monkeypatch)
    found = day_complete(required.settings, required.sources, now)
    assert (found.as_of, found.is_complete) == (DAY, True)
    assert [row.path for row in file_set(required.settings)] == ["a.csv"]


def test_a_day_without_rows_in_a_required_source_is_not_complete(
    required: Company, monkeypatch: pytest.MonkeyPatch
):
    required.deliver("a.csv", SECOND.replace("11-20", "11-19"))
    now = settled(required, monkeypatch)
    found = day_complete(required.settings, required.sources, now)
    assert not found.is_complete
    assert found.reason == f"no data of {DAY} yet: source"


def test_a_file_that_has_just_come_is_waited_for(required: Company):
    required.deliver("a.csv", SECOND)
    now = datetime.now(UTC) + timedelta(minutes=14)
    found = day_complete(required.settings, required.sources, now)
    assert found.reason.startswith("a file came 1")
    assert found.reason.endswith("minutes ago: a.csv")
    quiet = day_complete(required.settings, required.sources, now + LATER)
    assert quiet.reason.startswith("no data of")


def test_a_file_that_is_being_written_is_waited_for(required: Company):
    required.deliver("b.csv.part", "half")
    found = day_complete(required.settings, required.sources, at_night(required))
    assert found.reason == "b.csv.part is being written"


def test_nothing_is_read_while_somebody_else_is_at_work(
    required: Company, monkeypatch: pytest.MonkeyPatch
):
    required.deliver("a.csv", SECOND)
    now = settled(required, monkeypatch)
    with night_lock(required.settings, "a night"):
        found = day_complete(required.settings, required.sources, now)
    assert "another run is in progress" in found.reason


def test_too_much_for_a_look_is_left_to_the_night(
    required: Company, monkeypatch: pytest.MonkeyPatch
):
    required.deliver("a.csv", SECOND)
    now = settled(required, monkeypatch)
    monkeypatch.setattr("dagster_project.ingest.operate_day.READ_BYTES", 10)
    found = day_complete(required.settings, required.sources, now)
    assert "too much for a look" in found.reason
    assert file_set(required.settings) == []


def test_a_look_that_takes_long_goes_on_the_next_time(
    company: Company, monkeypatch: pytest.MonkeyPatch
):
    about = {"feed": "invoice_lines", "format": "csv", "delivery": "events"}
    for name in ("left", "right"):
        company.source(name, path=f"{name}/*.csv", required=True, **about)
        company.deliver(f"{name}/a.csv", SECOND)
    now = settled(company, monkeypatch)
    ticks = iter([0.0, 60.0])
    found = day_complete(company.settings, company.sources, now, lambda: next(ticks))
    assert found.reason == "reading what is new, to be continued"
    assert len(file_set(company.settings)) == 1
    assert day_complete(company.settings, company.sources, now).is_complete


def test_without_a_required_source_the_day_is_never_complete(invoices: Company):
    found = day_complete(invoices.settings, invoices.sources, datetime.now(UTC))
    assert "no source is required" in found.reason


def test_a_day_ends_in_the_business_zone(required: Company):
    zoned = required.settings.model_copy(update={"timezone": "America/New_York"})
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)
    assert day_complete(zoned, required.sources, now).as_of == date(2026, 11, 19)
