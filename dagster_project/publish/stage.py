"""Publishes a night: the tables about the night itself, the release, the swap."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from dagster_project.publish.catalogue import Release
from dagster_project.publish.pointer import make_current
from dagster_project.publish.release import Render, build_release
from dagster_project.publish.versions import code_version
from dagster_project.settings import Settings

RESULTS = """
create or replace table marts.data_quality_results as
select
    (select as_of_date from night.control) as as_of_date,
    * exclude (stage)
from night.check_results
"""

INFO = """
create or replace table marts.release_info as
select
    (select as_of_date from night.control) as as_of_date,
    ?::varchar as predecessor,
    (select count(*) from features.customer_features) as customers,
    (select sum(mrr) from features.customer_features)::decimal(18, 2) as mrr,
    (select reporting_currency from night.control) as currency,
    (select count(*) from night.check_results where passed) as gates_passed,
    (select count(*) from night.check_results where not passed) as gates_failed,
    ?::varchar as code_version,
    ?::timestamp as created_at
"""


def publish_night(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    release_id: str,
    manifest_extra: Mapping[str, Any],
    comments: Mapping[str, Mapping[str, str]],
    render: Render,
    before_swap: Callable[[], None] = lambda: None,
) -> Release:
    """Write the release of a night that passed its gates and make it current.

    `before_swap` is called when the release is complete and nobody reads it yet.
    """
    connection.execute(RESULTS)
    predecessor = manifest_extra.get("predecessor")
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    connection.execute(INFO, [predecessor, code_version(), now])
    release = build_release(
        connection,
        settings,
        as_of,
        release_id,
        manifest_extra,
        render=render,
        comments=comments,
    )
    before_swap()
    make_current(settings, release)
    return release
