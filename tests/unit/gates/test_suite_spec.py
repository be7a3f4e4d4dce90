from pathlib import Path

import pytest

from dagster_project.errors import DeclarationError
from dagster_project.gates.suite_spec import load_suite, load_suites

NOT_NULL = (
    "{type: expect_column_values_to_not_be_null, kwargs: {column: customer_id},"
    " severity: critical, meta: {why: x}}"
)


def suite(folder: Path, *expectations: str, path: str = "marts/customers.yml") -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("expectations:\n" + "".join(f"  - {e}\n" for e in expectations))
    return folder


def rows(query: str, name: str = "name: wrong, ") -> str:
    return (
        "{type: unexpected_rows_expectation, severity: warning,"
        f" meta: {{{name}why: x}}, kwargs: {{unexpected_rows_query: {query!r}}}}}"
    )


def test_a_suite_is_the_table_of_its_path_and_names_its_checks(tmp_path):
    pair = (
        "{type: expect_column_pair_values_a_to_be_greater_than_b, severity: warning,"
        " kwargs: {column_A: customers, column_B: known}, meta: {why: x}}"
    )
    counted = (
        "{type: expect_table_row_count_to_be_between, severity: critical,"
        " kwargs: {min_value: 1}, meta: {why: x}}"
    )
    query = rows("select * from {batch} where x > 1")
    (loaded,) = load_suites(suite(tmp_path, NOT_NULL, pair, counted, query))
    assert loaded.table_name == "marts.customers"
    assert [(c.check_name, c.severity) for c in loaded.expected_checks] == [
        ("not_null__customer_id", "critical"),
        ("greater__customers__known", "warning"),
        ("row_count", "critical"),
        ("wrong", "warning"),
    ]


WRONG = {
    NOT_NULL.replace("not_be_null", "not_be_nul"): "unknown expectation"
    ".*did you mean expect_column_values_to_not_be_null",
    NOT_NULL.replace("to_not_be_null", "to_match_regex"): "does not run on DuckDB"
    ".*unexpected_rows_expectation",
    NOT_NULL.replace("column:", "colum:"): "takes no 'colum', did you mean column",
    NOT_NULL.replace("column: customer_id", ""): "needs 'column'",
    NOT_NULL.replace("critical", "blocker"): "expectations.0.severity",
    NOT_NULL.replace("why: x", "why: ' '"): "say why",
    NOT_NULL.replace("why: x", "who: x"): "meta.why",
    NOT_NULL.replace("severity", "serverity"): "serverity: unknown key",
    rows("select 1 from {batch}", name=""): "needs a `name`",
    rows("select 1"): "must select from {batch}",
    rows("select 1 from {batch}; drop table x"): "must be one SELECT",
    rows("delete from {batch}"): "must be one SELECT",
    rows("select (1 from {batch}"): "unexpected_rows_query",
    rows("select * from {batch}, read_csv('x.csv')"): r"may not call read_csv\(\)",
    rows("select * from {batch}, 'x.parquet'"): "may not read the file 'x.parquet'",
}


@pytest.mark.parametrize("expectation", WRONG, ids=range(len(WRONG)))
def test_a_wrong_expectation_is_explained_with_its_file(tmp_path, expectation):
    with pytest.raises(DeclarationError, match=WRONG[expectation]) as error:
        load_suites(suite(tmp_path, expectation))
    assert "marts/customers.yml: " in str(error.value)


def test_two_expectations_of_one_name_must_be_told_apart(tmp_path):
    with pytest.raises(DeclarationError, match="2 expectations are called"):
        load_suites(suite(tmp_path, NOT_NULL, NOT_NULL))
    named = NOT_NULL.replace("why: x", "why: x, name: again")
    assert load_suites(suite(tmp_path, NOT_NULL, named))


@pytest.mark.parametrize("text", ["expectations: []", "", "- a list"])
def test_a_suite_that_checks_nothing_is_an_error(tmp_path, text):
    (suite(tmp_path) / "marts" / "customers.yml").write_text(text)
    with pytest.raises(DeclarationError, match="customers.yml"):
        load_suites(tmp_path)


@pytest.mark.parametrize("path", ["customers.yml", "marts/a.yaml", "marts/x/a.yml"])
def test_a_file_that_nobody_would_read_is_an_error(tmp_path, path):
    with pytest.raises(DeclarationError, match="nobody reads this file"):
        load_suites(suite(tmp_path, NOT_NULL, path=path))


def test_the_bounds_of_drift_are_not_a_suite(tmp_path):
    (tmp_path / "drift.yml").write_text("metrics: []")
    assert load_suites(tmp_path) == []


NEW_FILES = """
about: new_files
key: [path]
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: COLUMN, max_value: 0.5}
    severity: warning
    meta: {why: because}
"""


def write_suite(folder: Path, place: str, column: str) -> Path:
    path = folder / place
    path.parent.mkdir(parents=True)
    path.write_text(NEW_FILES.replace("COLUMN", column))
    return path


def test_a_suite_of_new_files_reads_their_profiles_and_reports_on_the_feed(tmp_path):
    suite = load_suite(write_suite(tmp_path, "raw/payments.yml", "status__failed"))
    assert (suite.table_name, suite.batch) == (
        "raw.payments",
        ("night", "arrivals__payments"),
    )


@pytest.mark.parametrize(
    ("place", "column", "message"),
    [
        ("raw/payments.yml", "status__faild", "did you mean status__failed"),
        ("raw/pii.yml", "rows", "only the feeds below `raw` have new files"),
        ("features/payments.yml", "rows", "only the feeds below `raw` have new files"),
    ],
)
def test_a_suite_of_new_files_asks_for_what_a_profile_holds(
    tmp_path, place, column, message
):
    path = write_suite(tmp_path, place, column)
    with pytest.raises(DeclarationError, match=message):
        load_suite(path)
