"""Runs a suite of expectations in Great Expectations, pushed down to the engine.

Great Expectations is imported inside the functions: its import takes six seconds.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from dagster_project.gates.checks import (
    SAMPLES,
    CheckResult,
    GateError,
    missing_tables,
)
from dagster_project.gates.expectation_spec import ExpectationSpec
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
    if missing_tables(connection, [suite.table_name]):
        return [_failed_without_table(suite, spec) for spec in suite.expectations]
    with _data_source(connection) as source:
        try:
            results = _validate(source, suite)
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


def _validate(source: Any, suite: SuiteSpec) -> list[Any]:
    from great_expectations import ExpectationSuite

    declared = [
        {
            "type": spec.type,
            "kwargs": spec.kwargs,
            "severity": spec.severity,
            "meta": {POSITION: position},
        }
        for position, spec in enumerate(suite.expectations)
    ]
    loaded = ExpectationSuite(name=suite.table_name, expectations=declared)
    # Great Expectations drops a type that it does not know without a word.
    if len(loaded.expectations) != len(declared):
        raise GateError("Great Expectations did not accept every expectation")
    asset = source.add_table_asset(
        name=suite.table_name, table_name=suite.table, schema_name=suite.schema_name
    )
    batch = asset.add_batch_definition_whole_table("tonight").get_batch()
    wanted: dict[str, Any] = {
        "result_format": "SUMMARY",
        "partial_unexpected_count": SAMPLES,
    }
    if suite.key:
        wanted["unexpected_index_column_names"] = suite.key
    return list(batch.validate(loaded, result_format=wanted).results)


def _failed_without_table(suite: SuiteSpec, spec: ExpectationSpec) -> CheckResult:
    return CheckResult(
        check_name=spec.check_name,
        tool="great_expectations",
        table_name=suite.table_name,
        column_name=", ".join(spec.columns) or None,
        severity=spec.severity,
        passed=False,
        observed="the table is missing",
        expected="a table",
        failing_rows=None,
        sample_keys="",
        why=spec.meta.why,
    )
