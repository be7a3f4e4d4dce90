from datetime import datetime
from pathlib import Path

import pytest
from ingest_company import SEEN_AT, Company

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.ingest.file_set import file_set, raw_relations
from dagster_project.ingest.ledger import open_ledger
from dagster_project.ingest.load import ingest

HEADER = "invoice_line_id,invoice_id,invoiced_at,amount\n"


def lines(*ids: str) -> str:
    return HEADER + "".join(f"{i},I1,2026-11-20 10:00,1\n" for i in ids)


def ids(company: Company) -> list[str]:
    return [row[0] for row in company.raw("invoice_lines", "invoice_line_id")]


def test_the_same_delivery_twice_changes_nothing(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    before = file_set(invoices.settings)
    invoices.deliver("copy.csv", lines("L1"))
    result = invoices.ingest(seen_at=datetime(2026, 11, 22))
    assert not result.loaded
    assert file_set(invoices.settings) == before
    assert [str(file) for file in result.files] == [
        "a.csv: known, loaded",
        "copy.csv: known, loaded",
    ]


def test_new_content_under_an_old_name_replaces_it(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    invoices.deliver("a.csv", lines("L1", "L2"))
    invoices.ingest()
    assert ids(invoices) == ["L1", "L2"]
    assert any(line.endswith("superseded") for line in invoices.said)
    invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    assert ids(invoices) == ["L1"]


def test_a_rotated_file_is_not_replaced(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    invoices.deliver("a-old.csv", lines("L1"))
    invoices.deliver("a.csv", lines("L2"))
    invoices.ingest()
    assert ids(invoices) == ["L1", "L2"]


def test_a_renamed_file_is_replaced_under_its_new_name(invoices: Company) -> None:
    path = invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    path.rename(path.with_name("b.csv"))
    invoices.ingest()
    invoices.deliver("b.csv", lines("L2"))
    invoices.ingest()
    assert ids(invoices) == ["L2"]


def test_a_bad_file_does_not_push_a_good_one_out(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    invoices.deliver("a.csv", "")
    invoices.ingest()
    assert ids(invoices) == ["L1"]
    invoices.deliver("a.csv", lines("L2"))
    invoices.ingest()
    with open_ledger(invoices.settings) as ledger:
        statuses = [row.status for row in ledger.rows()]
    assert statuses == ["superseded", "superseded", "loaded"]


def test_files_taken_out_of_landing_stay_in_raw(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    (invoices.landing / "a.csv").unlink()
    invoices.ingest()
    assert ids(invoices) == ["L1"]


def test_a_withdrawn_file_stays_out(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    (row,) = invoices.ingest().loaded
    with open_ledger(invoices.settings) as ledger:
        ledger.withdraw(row.file_id)
    invoices.ingest()
    assert ids(invoices) == []


def test_a_changed_declaration_reads_the_files_again(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1") + "L2,I1,2026-11-20 10:00,bad\n")
    invoices.ingest()
    old = invoices.sources.pop()
    fields = {n: n for n in ("invoice_line_id", "invoice_id", "invoiced_at")}
    amount = {"sql": "replace(amount, 'bad', '7')"}
    invoices.source(
        **old.model_dump(include={"feed", "path", "format", "delivery"}),
        fields={**fields, "amount": amount},
    )
    assert [row.loaded for row in invoices.ingest().loaded] == [2]
    assert ids(invoices) == ["L1", "L2"]
    assert invoices.quarantine() == []
    assert not invoices.ingest().loaded


def test_a_lost_raw_file_is_made_again(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    (row,) = invoices.ingest().loaded
    (path,) = raw_relations(invoices.settings, [row])["invoice_lines"]
    path.unlink()
    invoices.ingest()
    assert path.exists()


def test_only_finished_files_are_deliveries(invoices: Company) -> None:
    for name in ("a.csv.tmp", "b.csv.part", ".c.csv", ".hidden/d.csv", "e.txt"):
        invoices.deliver(name, lines("L1"))
    result = invoices.ingest()
    assert not result.files
    assert result.unclaimed == ("e.txt",)


def test_the_time_of_first_sight_survives(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    invoices.deliver("b.csv", lines("L2"))
    invoices.ingest(seen_at=datetime(2026, 11, 22, 2))
    seen = [row.first_seen_at for row in file_set(invoices.settings)]
    assert seen == [SEEN_AT, datetime(2026, 11, 22, 2)]
    loaded_at = invoices.raw("invoice_lines", "_loaded_at")
    assert [at for (at,) in loaded_at] == seen


def test_the_ledger_knows_the_business_dates(invoices: Company) -> None:
    rows = "L1,I,2026-11-20 23:30,1\nL2,I,2026-11-18 10:00,1\nL3,I,2026-11-20 01:00,1\n"
    invoices.deliver("a.csv", HEADER + rows)
    (row,) = invoices.ingest().loaded
    days = [day.isoformat() for day in row.dates]
    assert days == ["2026-11-18", "2026-11-20"]
    assert (row.min_on, row.max_on) == (row.dates[0], row.dates[1])
    assert file_set(invoices.settings) == [row]


def test_of_full_snapshots_only_the_newest_counts(company: Company) -> None:
    company.source(feed="plans", path="*.csv", format="csv", delivery="full_snapshot")
    company.deliver("1.csv", "plan_id\nbasic\npro\n")
    company.deliver("2.csv", "plan_id\npro\n")
    company.ingest()
    assert company.raw("plans", "plan_id") == [("pro",)]


def test_one_delivery_may_feed_several_feeds(company: Company) -> None:
    company.source("a", feed="plans", path="*.csv", format="csv", delivery="upserts")
    company.source("b", feed="products", path="*.csv", format="csv", delivery="upserts")
    company.deliver("x.csv", "plan_id,product_id\nbasic,p1\n")
    company.ingest()
    assert company.raw("plans", "plan_id") == [("basic",)]
    assert company.raw("products", "product_id") == [("p1",)]


def test_files_of_other_headers_are_read_in_their_own_order(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    invoices.deliver(
        "b.csv", "amount,invoiced_at,invoice_id,invoice_line_id\n2,2026-11-20,I,L2\n"
    )
    invoices.deliver("c.csv", lines("L3"))
    invoices.ingest()
    assert ids(invoices) == ["L1", "L2", "L3"]


def test_odd_names_are_only_names(invoices: Company) -> None:
    invoices.deliver("o'brien; drop table x [1] é.csv", lines("L1"))
    invoices.ingest()
    assert ids(invoices) == ["L1"]


def test_without_a_landing_folder_there_is_a_way_out(invoices: Company) -> None:
    invoices.landing.rmdir()
    with pytest.raises(UsageError, match="segments demo"):
        invoices.ingest()


def test_without_sources_nothing_can_be_read(company: Company) -> None:
    with pytest.raises(UsageError, match="no source is declared"):
        company.ingest()


def test_a_home_that_cannot_be_written_is_one_message(
    invoices: Company, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(SegmentsError, match="File exists|Not a directory"):
        invoices.ingest()


def test_a_damaged_ledger_is_one_message(invoices: Company) -> None:
    path = invoices.settings.home / "raw" / "ledger.sqlite"
    path.parent.mkdir(parents=True)
    path.write_text("no database at all, but long enough to look at" * 50)
    with pytest.raises(SegmentsError, match="ledger.sqlite"):
        invoices.ingest()


def test_a_file_that_grows_after_its_copy_was_made_is_replaced_by_the_next_run(
    invoices: Company,
) -> None:
    invoices.deliver("a.csv", lines("L1"))
    growing = invoices.deliver("b.csv", lines("L2"))

    def grow(_: str) -> None:
        if "L3" not in growing.read_text():
            growing.write_text(lines("L2", "L3"))

    ingest(invoices.settings, invoices.sources, grow, SEEN_AT)
    assert ids(invoices) == ["L1", "L2"]
    invoices.ingest()
    assert ids(invoices) == ["L1", "L2", "L3"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux")
def test_a_file_that_cannot_be_opened_is_rejected_alone(invoices: Company) -> None:
    invoices.deliver("a.csv", lines("L1"))
    (invoices.landing / "b.csv").symlink_to("/proc/self/mem")
    result = invoices.ingest()
    assert [row.path for row in result.loaded] == ["a.csv"]
    assert str(result.rejected[0].reason).startswith("cannot be read")


def test_a_large_delivery_spills_in_a_home_that_has_just_begun(
    invoices: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.settings.INGEST_MEMORY", "24MB")
    invoices.deliver("a.csv", lines(*(f"L{n:0120}" for n in range(60_000))))
    (row,) = invoices.ingest().loaded
    assert row.loaded == 60_000


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("4GB", "600MB"), ("100MB", "100MB"), ("0.5 GiB", "0.5 GiB"), ("80%", "600MB")],
)
def test_reading_needs_little_memory_however_much_there_is(
    invoices: Company, limit: str, expected: str
) -> None:
    settings = invoices.settings.model_copy(update={"memory_limit": limit})
    assert settings.ingest_memory == expected


def test_a_file_that_left_landing_is_named_when_it_is_read_again(
    invoices: Company,
) -> None:
    delivered = invoices.deliver("a.csv", lines("L1"))
    invoices.ingest()
    delivered.unlink()
    invoices.sources[0] = invoices.sources[0].model_copy(
        update={"timezone": "Europe/London"}
    )
    result = invoices.ingest()
    assert [(row.path, row.reading) for row in result.loaded] == [("a.csv", 2)]
    assert invoices.ingest().loaded == ()
