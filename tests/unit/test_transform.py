"""dbt in this process: which tests there are, and what a failing build says."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagster_project import control, transform
from dagster_project.errors import NightHeld
from dagster_project.publish.tables import PUBLISHED
from dagster_project.settings import Settings
from dagster_project.tonight import DATED, RELEASED
from dagster_project.transform import ModelError, work_file
from dagster_project.warehouse import connect

# Made by Python when a night is published: not models of dbt.
OF_PYTHON = {"data_quality_results", "release_info"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("a home with spaces")
    return Settings(_env_file=None, home=home, threads=1, memory_limit="300MB")


@pytest.fixture(scope="module")
def manifest(settings: Settings) -> dict[str, Any]:
    return transform.parse(settings)


@pytest.fixture
def work(settings: Settings, manifest: dict[str, Any]) -> Path:
    """The work file of a night without any delivery."""
    path = work_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with connect(path, settings) as connection:
        night, first_month = date(2026, 11, 21), date(2026, 11, 1)
        control.write_control(connection, settings, night, None, first_month)
        control.write_files(connection, [], [], set())
        control.write_dirty_dates(connection, [])
        control.mount_raw(connection, {}, [], [])
    return path


def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        transform.table_name(node): node
        for node in manifest["nodes"].values()
        if node["resource_type"] in {"model", "seed"}
    }


# What the project promises


def test_every_data_test_is_about_a_table_that_the_project_builds(manifest):
    tests = transform.data_tests(manifest)
    built = set(models(manifest))
    assert tests
    assert {t.name for t in tests if t.table not in built} == set()


def test_the_tests_are_those_of_the_manifest_each_once(manifest):
    found = [t.unique_id for t in transform.data_tests(manifest)]
    expected = [k for k, n in manifest["nodes"].items() if n["resource_type"] == "test"]
    assert found == expected
    assert len(set(found)) == len(found)


def test_no_two_tests_share_table_and_name(manifest):
    keys = [(t.table, t.name) for t in transform.data_tests(manifest)]
    assert len(set(keys)) == len(keys)


def test_a_written_test_has_its_sentence_and_its_severity(manifest):
    tests = {t.name: t for t in transform.data_tests(manifest)}
    rates = tests["assert_every_currency_has_a_rate"]
    assert rates.severity == "critical"
    assert "fx_rates" in rates.why
    assert rates.table == "intermediate.int_billing__invoice_lines"
    periods = tests["assert_subscription_periods_do_not_end_before_they_begin"]
    assert periods.severity == "warning"
    assert periods.table == "staging.stg_billing__subscriptions"


def test_a_test_of_a_column_names_it(manifest):
    tests = transform.data_tests(manifest)
    payments = [t for t in tests if t.table == "staging.stg_billing__payments"]
    assert "status" in {t.column for t in payments}


def test_every_published_table_is_a_model_with_an_enforced_contract(manifest):
    built = models(manifest)
    published = {t.source for t in PUBLISHED if t.name not in OF_PYTHON}
    assert published - set(built) == set()
    loose = [
        name for name in published if not built[name]["config"]["contract"]["enforced"]
    ]
    assert loose == []


def test_every_column_of_a_published_table_has_a_type_and_a_text(manifest):
    texts = transform.column_texts(manifest)
    bare = []
    for table in PUBLISHED:
        if table.name in OF_PYTHON:
            continue
        for column, kind in transform.contract(manifest, table.name).items():
            if not kind or not texts[table.name][column]:
                bare.append(f"{table.name}.{column}")
    assert bare == []


def test_the_grain_of_a_published_table_is_columns_of_its_contract(manifest):
    for table in PUBLISHED:
        if table.name not in OF_PYTHON:
            columns = transform.contract(manifest, table.name)
            assert set(table.grain) <= set(columns), table.name


def test_every_published_model_is_dated_or_about_the_run(manifest):
    operational = {t.source for t in PUBLISHED if t.is_operational}
    monthly = {"marts.customer_features_monthly"}
    sources = {t.source for t in PUBLISHED}
    assert sources - operational - monthly - set(DATED) == set()


def test_what_a_night_reads_of_its_predecessor_is_published():
    assert set(RELEASED) <= {t.name for t in PUBLISHED}


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "the other way round"])
def test_a_test_of_several_models_is_about_the_one_that_is_built_last(order):
    model = {"resource_type": "model"}
    manifest = {
        "nodes": {
            "model.p.first": model | {"schema": "features", "name": "first"},
            "model.p.last": model | {"schema": "marts", "name": "last"},
            "test.p.both": {
                "resource_type": "test",
                "name": "both",
                "config": {"severity": "ERROR"},
                "depends_on": {"nodes": ["model.p.first", "model.p.last"][::order]},
            },
        },
        "sources": {"source.p.control": {"schema": "night", "name": "control"}},
    }
    (test,) = transform.data_tests(manifest)
    assert (test.table, test.severity) == ("marts.last", "critical")
    assert test.why == "A promise of the model's documentation."


def test_a_project_that_changed_is_read_again_by_the_same_process(
    tmp_path, monkeypatch
):
    project = tmp_path / "dbt"
    shutil.copytree(transform.PROJECT, project)
    monkeypatch.setattr(transform, "PROJECT", project)
    home = Settings(_env_file=None, home=tmp_path / "home", threads=1)
    before = models(transform.parse(home))
    assert "staging.stg_new" not in before

    shutil.rmtree(home.home)
    (project / "models" / "staging" / "stg_new.sql").write_text("select 1 as one")
    assert set(models(transform.parse(home))) - set(before) == {"staging.stg_new"}


# What a build says


def test_a_build_reports_each_node_and_a_failing_test_is_a_result(settings, work):
    select = ["fx_rates", "stg_billing__payments"]
    results = {r.name: r for r in transform.build(settings, select)}
    assert results["fx_rates"].kind == "seed"
    assert results["stg_billing__payments"].status == "success"
    tests = [r for r in results.values() if r.kind == "test"]
    assert tests
    assert {r.status for r in tests} == {"pass"}


def test_a_stage_that_is_built_again_replaces_what_it_finds(settings, work):
    transform.build(settings, ["stg_billing__payments"])
    with connect(work, settings) as connection:
        connection.execute("drop view staging.stg_billing__payments")
        connection.execute("create table staging.stg_billing__payments (other int)")
    for _ in range(2):
        (built, *_) = transform.build(settings, ["stg_billing__payments"])
        assert (built.name, built.status) == ("stg_billing__payments", "success")
    with connect(work, settings) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where schema_name = 'staging'"
        ).fetchall()
    assert ("stg_billing__payments",) in views


def test_a_table_of_the_wrong_type_is_a_model_error_in_words(settings, work):
    with connect(work, settings) as connection:
        connection.execute("drop view raw.payments")
        connection.execute("create view raw.payments as select 1 as payment_id")
    with pytest.raises(ModelError) as error:
        transform.build(settings, ["stg_billing__payments"])
    message = str(error.value)
    assert message.startswith("model stg_billing__payments: ")
    assert "paid_at" in message
    assert "Traceback" not in message
    assert "in macro" not in message
    assert error.value.exit_code == 1
    assert not isinstance(error.value, NightHeld)


def test_a_test_that_cannot_run_is_an_error_and_no_failed_test(settings, work):
    transform.build(settings, ["stg_billing__payments"])
    with connect(work, settings) as connection:
        connection.execute("drop view staging.stg_billing__payments")
    with pytest.raises(ModelError, match="^test .*stg_billing__payments"):
        transform.build(settings, ["stg_billing__payments,resource_type:test"])


def test_a_work_file_that_cannot_be_opened_is_a_model_error(settings, work):
    work.unlink()
    work.mkdir()
    with pytest.raises(ModelError, match="work.duckdb"):
        transform.build(settings, ["fx_rates"])
    work.rmdir()
