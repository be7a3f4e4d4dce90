"""The bundled retail files through the ingest, against a plain count of the files."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest
from dagster_project.ingest.outcome import IngestResult
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, parquet_list
from tests.pipeline.retail import Retail, retail_sample
from tests.reference.retail_files import LANDING, rows_of


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Retail:
    return retail_sample(tmp_path_factory.getbasetemp() / "a shop")


@pytest.fixture(scope="module")
def settings(retail: Retail) -> Settings:
    return retail.settings


@pytest.fixture(scope="module")
def result(retail: Retail) -> IngestResult:
    return retail.ingested


@pytest.fixture(scope="module")
def one_row(settings, result):
    """Asks a question of a raw feed, of which the answer is one row."""

    def ask(feed: str, what: str) -> tuple:
        files: list[Path] = sorted((settings.home / "raw" / feed).glob("*.parquet"))
        query = f"select {what} from read_parquet({parquet_list(files)})"
        with connect() as connection:
            return connection.execute(query).fetchall()[0]

    return ask


def test_every_file_of_the_sample_is_read_by_one_source(result):
    found = {file.path for file in result.files}
    in_landing = {
        path.relative_to(LANDING).as_posix()
        for path in LANDING.rglob("*")
        if path.is_file()
    }
    assert found == in_landing
    assert len(result.files) == 315
    assert result.unclaimed == ()


def test_the_rows_of_each_file_are_accounted_for(result):
    for path, row in ((file.path, file.row) for file in result.files):
        lines = sum(1 for _ in rows_of(LANDING / path))
        assert row.lines == lines, path
        settled = row.loaded + row.quarantined + row.known + row.blank
        assert settled == lines, path


def test_nothing_of_the_sample_is_quarantined_or_rejected(result):
    assert {file.row.status for file in result.files} == {"loaded"}
    assert sum(file.row.quarantined + file.row.known for file in result.files) == 0
    assert result.failures == ()


def test_raw_holds_the_net_amounts_of_the_invoices(one_row):
    assert one_row(
        "invoice_lines",
        "count(*), count(distinct invoice_line_id), count(distinct invoice_id), "
        "count(distinct billing_customer_id), sum(amount), "
        "sum(amount) filter (billing_customer_id is not null)",
    ) == (
        142_083,
        142_083,
        6_877,
        2_189,
        Decimal("2490287.01"),
        Decimal("2046189.16"),
    )


def test_raw_calls_the_cancelling_lines_refunds(one_row):
    assert one_row(
        "invoice_lines",
        "count(*) filter (kind = 'refund'), count(*) filter (amount < 0), "
        "max(amount) filter (kind = 'refund') < 0, min(currency), max(currency)",
    ) == (2_603, 2_603, True, "GBP", "GBP")


def test_raw_times_of_invoices_are_utc_in_winter_and_in_summer(one_row):
    assert one_row("invoice_lines", "min(invoiced_at), max(invoiced_at)") == (
        datetime(2010, 12, 1, 8, 26),
        datetime(2011, 3, 31, 18, 55),
    )


def test_raw_keeps_each_version_of_a_customer_who_moved(one_row):
    assert one_row(
        "billing_customers",
        "list(country order by _version_at) filter (billing_customer_id = '12370')",
    ) == (["Cyprus", "Austria", "Cyprus"],)


def test_raw_tells_pages_from_other_requests(one_row):
    assert one_row(
        "web_events",
        "count(*) filter (event_type = 'page'), "
        "count(*) filter (event_type = 'track'), count(distinct anonymous_id), "
        "count(user_id), count(distinct user_id)",
    ) == (8_264, 22_705, 2_365, 18_803, 1_069)


def test_raw_stars_are_satisfaction_and_never_nps(one_row):
    assert one_row(
        "survey_responses",
        "list(distinct survey_kind), count(*), sum(answer_number), count(user_id), "
        "count(distinct user_id)",
    ) == (["csat"], 146_312, Decimal(685_918), 2_868, 1_371)


def test_a_second_ingest_reads_nothing_again(settings, result):
    sources = load_sources(settings.declaration_folder("sources"))
    again = ingest(settings, sources)
    assert [file.row for file in again.files] == [file.row for file in result.files]
    assert not any(file.is_new for file in again.files)
