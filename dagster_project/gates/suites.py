"""Runs a suite of expectations in Great Expectations, pushed down to the engine.

Great Expectations is imported inside the functions: its import takes six seconds.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import duckdb

from dagster_project.gates.checks import (
    SAMPLES,
    CheckResult,
    GateError,
    missing_tables,
)
from dagster_project.gates.expectation_spec import ExpectationSpec
from dagster_project.gates.expectation_types import ROWS_EXPECTATION
from dagster_project.gates.gx_results import failed_by_exception, read_result
from dagster_project.gates.suite_spec import SuiteSpec

# Validation results come back in another order than they were declared.
POSITION = "position"
NO_BARS: Any = {"globally": False, "metric_calculations": False}


def run_suite(
    connection: duckdb.DuckDBPyConnection, suite: SuiteSpec
) -> list[CheckResult]:
    """Check one table on the open connection; results in the order of the file.

    A table that the night has not made fails every expectation. Raises GateError when
    an expectation cannot be carried out, for example for an unknown column.
    """
    if suite.about == "new_files" and not _is_delivered(connection, suite.table):
        passed = partial(_without_gx, True, "no such feed", "nothing of an absent feed")
        return [passed(suite, spec) for spec in suite.expectations]
    if missing_tables(connection, [".".join(suite.batch)]):
        failed = partial(_without_gx, False, "the table is missing", "a table")
        return [failed(suite, spec) for spec in suite.expectations]
    with _data_source(connection) as source:
        try:
            results = _validate(source, suite, [])
            if suite.key and not all(result.success for result in results):
                results = _validate(source, suite, suite.key)
        except Exception as error:  # GX raises its own, SQLAlchemy's and Python's
            raise GateError(f"{suite.path}: {type(error).__name__}: {error}") from error
    by_position = {r.expectation_config.meta[POSITION]: r for r in results}
    if sorted(by_position) != list(range(len(suite.expectations))):
        raise GateError(f"{suite.path}: an expectation gave no result")
    for position, spec in enumerate(suite.expectations):
        if reason := failed_by_exception(by_position[position]):
            raise GateError(f"{suite.path}: {spec.check_name} could not run: {reason}")
    return [
        read_result(connection, suite, spec, by_position[position])
        for position, spec in enumerate(suite.expectations)
    ]


@contextmanager
def _data_source(connection: duckdb.DuckDBPyConnection) -> Iterator[Any]:
    """Our own connection as a data source, closed again without leaving the file open.

    A second connection made by Great Expectations would need the same options, and
    would still hold the file when dbt opens it.
    """
    from duckdb_engine import ConnectionWrapper
    from sqlalchemy.dialects import registry
    from sqlalchemy.pool import StaticPool

    registry.register("duckdb.gx", "dagster_project.gates.dialect", "GXDialect")
    context = _context()
    with connection.cursor() as cursor:
        cursor.execute("set TimeZone = 'UTC'")
        yield context.data_sources.add_sql(
            name="night",
            connection_string="duckdb+gx:///:memory:",
            create_temp_table=False,
            kwargs={
                "creator": lambda: ConnectionWrapper(cursor),
                "poolclass": StaticPool,
            },
        )


def _context() -> Any:
    """A context in memory that reports to nobody and makes no pages."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations
    from great_expectations.data_context.types import base

    stores = base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    return great_expectations.get_context(
        mode="ephemeral",
        project_config=base.DataContextConfig(
            store_backend_defaults=stores,
            analytics_enabled=False,
            progress_bars=NO_BARS,
        ),
    )


def _validate(source: Any, suite: SuiteSpec, key: list[str]) -> list[Any]:
    """Naming the wrong rows costs a third more: only asked for when there are some."""
    from great_expectations import ExpectationSuite

    declared = [
        {
            "type": spec.type,
            "kwargs": _arguments(spec),
            "severity": spec.severity,
            "meta": {POSITION: position},
        }
        for position, spec in enumerate(suite.expectations)
    ]
    loaded = ExpectationSuite(name=suite.table_name, expectations=declared)
    # Great Expectations drops a type that it does not know without a word.
    if len(loaded.expectations) != len(declared):
        raise GateError("Great Expectations did not accept every expectation")
    schema, table = suite.batch
    asset = source.add_table_asset(
        name=" ".join([suite.table_name, *key]), table_name=table, schema_name=schema
    )
    batch = asset.add_batch_definition_whole_table("tonight").get_batch()
    wanted: dict[str, Any] = {
        "result_format": "SUMMARY",
        "partial_unexpected_count": SAMPLES,
    }
    if key:
        wanted["unexpected_index_column_names"] = key
    return list(batch.validate(loaded, result_format=wanted).results)


def _arguments(spec: ExpectationSpec) -> dict[str, Any]:
    """The batch is given a name by Great Expectations; a query may give it another."""
    if spec.type != ROWS_EXPECTATION:
        return spec.kwargs
    query = str(spec.kwargs["unexpected_rows_query"])
    named = query.replace("{batch}", "(select * from {batch})")
    return spec.kwargs | {"unexpected_rows_query": named}


def _is_delivered(connection: duckdb.DuckDBPyConnection, feed: str) -> bool:
    found = connection.execute(
        "select 1 from night.feeds where feed = ? and is_present", [feed]
    )
    return found.fetchone() is not None


def _without_gx(
    passed: bool, observed: str, expected: str, suite: SuiteSpec, spec: ExpectationSpec
) -> CheckResult:
    return CheckResult(
        check_name=spec.check_name,
        tool="great_expectations",
        table_name=suite.table_name,
        column_name=", ".join(spec.columns) or None,
        severity=spec.severity,
        passed=passed,
        observed=observed,
        expected=expected,
        failing_rows=None,
        sample_keys="",
        why=spec.meta.why,
    )
