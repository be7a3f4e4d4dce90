"""The page as a file: what it loads, what it lets through, what it does without."""

import base64
import hashlib
import json
import re

import duckdb
import pytest

from dagster_project.errors import UsageError
from dagster_project.report import render_report
from dagster_project.report.columns import READ
from dagster_project.report.page import FOLDER

ADDRESS = re.compile(r"https?://[^\s\"'<>)]+")
HARMLESS = ("http://www.w3.org/", "http://www.apache.org/licenses/")
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_the_page_loads_nothing_from_elsewhere(large, page):
    html = page(large)
    for tag, attributes in html.elements:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form")
        assert "src" not in attributes
        address = attributes.get("href") or ""
        assert address.startswith(("#", "data:,")) or not address
    shown = html.html.replace(echarts(), "")
    assert ADDRESS.findall(shown) == []
    assert "@import" not in shown
    assert "url(" not in shown


def test_the_chart_library_names_addresses_of_licences_and_namespaces_only():
    found = [
        address
        for address in ADDRESS.findall(echarts())
        if not address.startswith(HARMLESS)
    ]
    assert found == ["https://github.com/ecomfe/zrender/blob/master/LICENSE"]


def test_the_chart_library_is_the_file_its_notice_names():
    notice = (FOLDER / "static" / "NOTICE").read_text(encoding="utf-8")
    assert hashlib.sha256(echarts().encode()).hexdigest() in notice


def test_the_browser_may_run_the_scripts_of_the_page_and_no_other(small, page):
    html = page(small)
    policy = next(a["content"] for _, a in html.elements if "http-equiv" in a)
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    data, *scripts = html.scripts
    assert {digest(script) for script in scripts} == allowed
    assert digest(data) not in allowed
    assert "default-src 'none'" in policy


def test_text_of_a_release_is_never_markup(small, page):
    before = page(small)
    for table, column in (
        ("customer_segments", "segment"),
        ("segment_registry", "means"),
        ("segment_registry", "title"),
        ("segment_migration", "to_segment"),
        ("data_quality_results", "why"),
        ("source_files", "path"),
        ("quarantine_rows", "reason"),
        ("pipeline_metrics", "metric"),
        ("mrr_movements", "kind"),
        ("release_info", "release_id"),
    ):
        small.execute(f"alter table {table} alter {column} type varchar")
        small.execute(f"update {table} set {column} = {column} || ? ", [EVIL])
    after = page(small)
    assert "<script>alert" not in after.html
    assert "onerror=alert" in after.text
    assert len(after.scripts) == len(before.scripts)
    assert not [tag for tag, _ in after.elements if tag == "img"]


def test_the_data_of_the_charts_stays_inside_its_block(large, page):
    large.execute("update segment_migration set to_segment = to_segment || ?", [EVIL])
    charts = json.loads(page(large).scripts[0])
    moves = [chart for chart in charts.values() if chart["type"] == "moves"]
    assert any(EVIL[:9] in link["to"] for chart in moves for link in chart["links"])


def test_a_schema_without_any_table_gives_a_page_that_names_what_is_absent(
    connection, page
):
    html = page(connection)
    for table in READ:
        assert table in html.text
    assert "As of not known" in html.text
    assert "Gates: No check results in this release" in html.text


def test_empty_tables_give_a_page_that_says_so(small, page):
    for table in READ:
        small.execute(f"delete from {table}")
    html = page(small)
    assert "pipeline_metrics is empty" in html.text
    assert "customer_mrr_monthly is empty" in html.text
    assert "No row was set aside" in html.text
    assert "Not in this release" not in html.text


@pytest.mark.parametrize("table", READ)
def test_the_page_does_without_any_single_table(small, page, table):
    small.execute(f"drop table {table}")
    assert f"Not in this release: {table}" in page(small).text


@pytest.mark.parametrize("table", READ)
def test_the_page_does_without_the_rows_of_any_single_table(small, page, table):
    small.execute(f"delete from {table}")
    assert "Definitions" in page(small).text


def test_a_column_that_is_absent_is_not_known(small, page):
    small.execute("alter table data_quality_results drop column waived_by")
    small.execute("alter table pipeline_metrics drop column previous_value")
    assert "1 critical check failed" in page(small).text
    assert "last night not known" in page(small).text


def test_an_attached_release_is_read_by_its_catalog(small, page, tmp_path):
    release = tmp_path / "2026-11-21-1.duckdb"
    small.execute(f"attach '{release}' as release_db")
    for table in READ:
        small.execute(f"create table release_db.main.{table} as from main.{table}")
        small.execute(f"drop table main.{table}")
    assert "Release 2026-11-21-1" in page(small, "release_db.main").text
    small.execute("detach release_db")
    small.execute(f"attach '{release}' as \"2026-11-21.db\" (read_only)")
    assert "Release 2026-11-21-1" in page(small, '"2026-11-21.db".main').text


@pytest.mark.parametrize("schema", ["nowhere", "nowhere.main", "a.b.c", ""])
def test_a_schema_that_does_not_exist_is_an_error(connection, schema):
    with pytest.raises(UsageError):
        render_report(connection, schema)


def test_the_same_rows_in_another_order_give_the_same_page(large):
    first = render_report(large)
    large.execute("set threads = 1")
    for table in READ:
        large.execute(f"create table turned as from {table} order by all desc")
        large.execute(f"drop table {table}")
        large.execute(f"alter table turned rename to {table}")
    assert render_report(large) == first


def test_the_page_holds_no_key_no_address_and_no_row(small, page):
    html = page(small).html.replace(echarts(), "")
    for secret in ("secret-key-1", "jane.doe", "151 2345678", "soon", "raw</"):
        assert secret not in html
    assert not re.search(r"\bc[1-8]\b", html)
    columns = {column for table in READ.values() for column in table}
    assert not columns & {"email", "phone", "name", "sample_keys", "raw"}


def test_a_waiver_is_a_warning_and_an_open_critical_check_is_not(small, page):
    assert "Gates: 1 warning, 1 check waived, of 3 checks" in page(small).text
    small.execute("delete from data_quality_results where not passed")
    assert "Gates: 1 check passed" in page(small).text
    small.execute("update data_quality_results set passed = null")
    html = page(small)
    assert "Gates: 1 critical check failed, of 1 check" in html.text
    assert "critical, no result" in html.text


def test_headings_go_down_one_level_at_a_time_and_tables_have_heads(large, page):
    html = page(large)
    levels = [int(tag[1]) for tag, _ in html.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    tags = [tag for tag, _ in html.elements]
    assert tags.count("table") == tags.count("caption") == tags.count("thead")
    assert all("scope" in a for tag, a in html.elements if tag == "th")
    assert all("aria-label" in a for _, a in html.elements if a.get("role") == "img")
    assert ("html", {"lang": "en"}) in html.elements


def echarts() -> str:
    return (FOLDER / "static" / "echarts.min.js").read_text(encoding="utf-8")


def digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def test_the_page_only_reads(small, tmp_path):
    path = tmp_path / "release.duckdb"
    small.execute(f"attach '{path}' as r")
    for table in READ:
        small.execute(f"create table r.{table} as from {table}")
    small.execute("detach r")
    with duckdb.connect(str(path), read_only=True) as reader:
        assert "Customer segments" in render_report(reader)
