"""Everything that imports Great Expectations, so that its import is paid once."""

from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project import warehouse
from dagster_project.gates.checks import GateError
from dagster_project.gates.expectation_types import EXPECTATION_TYPES
from dagster_project.gates.results import begin, expect, record
from dagster_project.gates.suite_spec import SuiteSpec, load_suites
from dagster_project.gates.suites import run_suite
from dagster_project.gates.verdict import verdict

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def connection():
    with warehouse.connect() as opened:
        opened.execute(
            """
            create schema features;
            create table features.customers as
            from (values
                ('c1', 10.00::decimal(18, 2), 1.5, 'active', date '2026-11-01', true),
                ('c2', -5.00, 2.5, 'churned', date '2026-11-02', false),
                ('c3', null, 3.5, 'active', date '2026-11-03', true)
            ) t(customer_id, mrr, score, stage, since_on, is_open);
            create view features.seen as from features.customers;
            create table features.nobody as from features.customers limit 0;
            """
        )
        yield opened


def suite(*expectations, table="customers"):
    return SuiteSpec.model_validate(
        {
            "schema_name": "features",
            "table": table,
            "path": f"expectations/features/{table}.yml",
            "key": ["customer_id"],
            "expectations": [
                {"type": kind, "kwargs": kwargs, "severity": "critical", "meta": meta}
                for kind, kwargs, meta in expectations
            ],
        }
    )


def column(kind, name, **kwargs):
    meta = {"why": "because"}
    return (f"expect_column_{kind}", {"column": name, **kwargs}, meta)


def wrong_rows(query):
    meta = {"why": "because", "name": "wrong_rows"}
    return ("unexpected_rows_expectation", {"unexpected_rows_query": query}, meta)


ROWS = "expect_table_row_count_to_be_between"

SUITE = suite(
    column("values_to_not_be_null", "mrr"),
    column("values_to_be_between", "mrr", min_value=0),
    (ROWS, {"min_value": 1, "max_value": 5}, {"why": "because"}),
    column("values_to_be_in_set", "stage", value_set=["active"]),
    wrong_rows("select customer_id from {batch} where is_open and score > 2"),
    column("mean_to_be_between", "score", min_value=2, max_value=3),
    column("max_to_be_between", "since_on", max_value="2026-11-03"),
    column("values_to_be_unique", "customer_id"),
)


@pytest.mark.parametrize("table", ["customers", "seen"], ids=["table", "view"])
def test_each_result_belongs_to_its_expectation(connection, table):
    results = run_suite(connection, SUITE.model_copy(update={"table": table}))
    assert [(r.check_name, r.passed, r.failing_rows) for r in results] == [
        ("not_null__mrr", False, 1),
        ("between__mrr", False, 1),
        ("row_count", True, None),
        ("in_set__stage", False, 1),
        ("wrong_rows", False, 1),
        ("mean__score", True, None),
        ("max__since_on", True, None),
        ("unique__customer_id", True, 0),
    ]


def test_a_failure_says_what_was_seen_where_and_why(connection):
    results = {r.check_name: r for r in run_suite(connection, SUITE)}
    between = results["between__mrr"]
    assert (between.observed, between.expected) == ("1 of 3 wrong", "at least 0")
    assert between.sample_keys == "customer_id=c2, mrr=-5.00"
    assert (between.column_name, between.why) == ("mrr", "because")
    assert results["wrong_rows"].sample_keys == "customer_id=c3"
    assert results["row_count"].observed == "3"
    assert results["row_count"].expected == "row count between 1 and 5"


def test_an_empty_table_has_no_wrong_rows_but_too_few(connection):
    results = run_suite(connection, SUITE.model_copy(update={"table": "nobody"}))
    failed = {r.check_name for r in results if not r.passed}
    assert failed == {"row_count", "mean__score", "max__since_on"}


def test_an_expectation_that_raises_is_an_error_not_a_failed_check(connection):
    unknown = suite(column("values_to_be_between", "mmr", min_value=0))
    with pytest.raises(GateError, match="between__mmr could not run.*mmr"):
        run_suite(connection, unknown)
    broken = suite(wrong_rows("select nothing_known from {batch}"))
    with pytest.raises(GateError, match="wrong_rows could not run"):
        run_suite(connection, broken)


def test_arguments_that_great_expectations_refuses_are_an_error(connection):
    refused = suite(column("values_to_be_between", "mrr", min_value=5, max_value=1))
    with pytest.raises(GateError, match=r"expectations/features/customers\.yml"):
        run_suite(connection, refused)


def test_a_table_that_was_not_made_fails_every_check(connection):
    results = run_suite(connection, suite(*[column("to_exist", "x")], table="gone"))
    assert [(r.passed, r.observed) for r in results] == [
        (False, "the table is missing")
    ]


def test_the_file_is_free_again_after_a_suite(tmp_path):
    path = tmp_path / "work.duckdb"
    with warehouse.connect(path) as own:
        own.execute("create schema features; create table features.t as select 1 as x")
        checked = suite(column("values_to_not_be_null", "x"), table="t")
        assert run_suite(own, checked.model_copy(update={"key": []}))[0].passed
    with warehouse.connect(path, read_only=True) as reader:
        assert reader.execute("from features.t").fetchall() == [(1,)]


def test_the_verdict_reads_the_results_of_a_suite(connection):
    begin(connection)
    expect(connection, SUITE.expected_checks)
    results = run_suite(connection, SUITE)
    record(connection, results, stage="features")
    assert len(verdict(connection).reasons) == 4
    record(connection, [replace(r, severity="warning") for r in results])
    assert verdict(connection).passed


def test_every_supported_type_takes_the_arguments_that_we_say_it_takes():
    from great_expectations.expectations.registry import get_expectation_impl

    for name, kind in EXPECTATION_TYPES.items():
        fields = get_expectation_impl(name).__fields__
        assert set(kind.arguments) <= set(fields), name
        required = {n for n, field in fields.items() if field.required}
        assert required <= {*kind.columns, *kind.required}, name


def test_great_expectations_accepts_every_declared_suite():
    from great_expectations import ExpectationSuite

    for declared in load_suites(ROOT / "expectations"):
        dumped = [e.model_dump() for e in declared.expectations]
        loaded = ExpectationSuite(name=declared.table_name, expectations=dumped)
        assert len(loaded.expectations) == len(dumped)


def of_new_files(feed):
    return SuiteSpec.model_validate(
        {
            "schema_name": "raw",
            "table": feed,
            "path": f"expectations/raw/{feed}.yml",
            "about": "new_files",
            "key": ["path"],
            "expectations": [
                {"type": kind, "kwargs": kwargs, "severity": "critical", "meta": meta}
                for kind, kwargs, meta in (
                    column("values_to_be_between", "rows", min_value=1),
                    wrong_rows("select f.path from {batch} as f where f.rows = 0"),
                )
            ],
        }
    )


def test_a_suite_of_new_files_looks_at_their_profiles(connection):
    connection.execute(
        "create schema if not exists night; create table night.feeds as"
        " from (values ('payments', true), ('offers', false)) t(feed, is_present);"
        " create table night.arrivals__payments as"
        " from (values ('a.csv', 3), ('b.csv', 0)) t(path, rows)"
    )
    results = run_suite(connection, of_new_files("payments"))
    assert [(r.passed, r.table_name) for r in results] == [(False, "raw.payments")] * 2
    assert [r.sample_keys for r in results] == ["path=b.csv, rows=0", "path=b.csv"]


def test_a_feed_that_never_came_passes_and_says_so(connection):
    results = run_suite(connection, of_new_files("offers"))
    assert [(r.passed, r.observed) for r in results] == [(True, "no such feed")] * 2


def test_a_feed_that_came_and_was_not_profiled_fails(connection):
    connection.execute("insert into night.feeds values ('plans', true)")
    results = run_suite(connection, of_new_files("plans"))
    assert [(r.passed, r.observed) for r in results] == [
        (False, "the table is missing")
    ] * 2
