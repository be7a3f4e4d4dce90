"""Warns, for each source, of columns that came, went or changed their type tonight."""

import duckdb

from dagster_project.gates.checks import CheckResult, ExpectedCheck, missing_tables

WHY = (
    "The vendor changed the delivery: a new column may be worth mapping, a lost one "
    "leaves ours empty."
)

SHOWN = 10

PER_SOURCE = """
select
    sources.source,
    sources.feed,
    count(drift.column_name) as columns,
    list(change || ' ' || column_name || if(detail = '', '', ' (' || detail || ')')
        order by is_read desc, change, column_name)
        filter (where column_name is not null) as texts,
    string_agg(distinct first_seen_in, '; ' order by first_seen_in) as paths
from (select distinct source, feed from night.deliveries) as sources
left join (
    select * from night.schema_drift where not is_first_file
) as drift using (source, feed)
group by all
order by source
"""


def check_layouts(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """One warning for each source that delivered, naming the columns that changed."""
    return [
        CheckResult(
            check_name=_check_name(source),
            tool="drift",
            table_name=f"raw.{feed}",
            column_name=None,
            severity="warning",
            passed=columns == 0,
            observed=_observed(texts or []),
            expected="the columns of earlier files",
            failing_rows=columns,
            sample_keys=paths or "",
            why=WHY,
        )
        for source, feed, columns, texts, paths in _per_source(connection)
    ]


def expected_layouts(connection: duckdb.DuckDBPyConnection) -> list[ExpectedCheck]:
    """The checks that `check_layouts` promises."""
    return [
        ExpectedCheck("drift", _check_name(source), f"raw.{feed}", "warning")
        for source, feed, *_ in _per_source(connection)
    ]


def _check_name(source: str) -> str:
    return f"schema_drift__{source}"


def _observed(texts: list[str]) -> str:
    if not texts:
        return "no change"
    more = len(texts) - SHOWN
    return ", ".join(texts[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _per_source(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    if missing_tables(connection, ["night.deliveries", "night.schema_drift"]):
        return []
    return connection.execute(PER_SOURCE).fetchall()
