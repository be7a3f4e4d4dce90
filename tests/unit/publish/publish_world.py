"""A work database of three customers and a home to publish it into."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from dagster_project.publish.catalogue import Release
from dagster_project.publish.pointer import (
    make_current,
    next_release_id,
    predecessor,
    record,
)
from dagster_project.publish.release import build_release
from dagster_project.publish.status import LogEntry
from dagster_project.publish.tables import PublishedTable
from dagster_project.settings import Settings
from dagster_project.warehouse import connect

NIGHT = date(2026, 11, 21)
TABLES = (
    PublishedTable(
        "customer_features",
        "features.customer_features",
        ("customer_id",),
        "One row per customer.",
    ),
    PublishedTable(
        "customer_segments",
        "marts.customer_segments",
        ("customer_id", "model"),
        "One row per customer and model.",
    ),
    PublishedTable(
        "release_info",
        "marts.release_info",
        ("release_id",),
        "One row.",
        is_operational=True,
    ),
    PublishedTable(
        "customer_pii",
        "marts.customer_pii",
        ("person_id",),
        "One row per person.",
        is_personal=True,
    ),
)


def settings_of(home: Path) -> Settings:
    return Settings(_env_file=None, home=home, threads=2, memory_limit="500MB")


def work_database(settings: Settings, night: date = NIGHT) -> duckdb.DuckDBPyConnection:
    path = settings.home / "work" / "work.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(path, settings)
    connection.execute(
        f"""
        create schema if not exists features;
        create schema if not exists marts;
        create or replace table features.customer_features as
        select
            customer_id, date '{night}' as as_of_date, mrr::decimal(18, 2) as mrr,
            slope::double as slope, n::hugeint as n
        from (values ('c3', 10, 1 / 3, 1), ('c1', null, -0.0, 2), ('c2', 5.5, null, 3))
            as t (customer_id, mrr, slope, n);
        create or replace table marts.customer_segments as
        select * from (values
            ('c2', 'value', 'small'), ('c1', 'value', 'unknown'),
            ('c3', 'nps', 'promoter'), ('c3', 'value', 'small')
        ) as t (customer_id, model, segment);
        create or replace table marts.release_info as
        select '{night}-1' as release_id, now() as created_at;
        create or replace table marts.customer_pii as
        select 'p1' as person_id, 'ann@example.org' as email;
        """
    )
    return connection


def build(
    settings: Settings, release_id: str = f"{NIGHT}-1", **options: object
) -> Release:
    """A release of the three customers, not yet current."""
    night = date.fromisoformat(release_id[:10])
    extra = options.pop("extra", {})
    with work_database(settings, night) as connection:
        return build_release(
            connection,
            settings,
            night,
            release_id,
            extra,  # type: ignore[arg-type]
            **{"tables": TABLES, **options},  # type: ignore[arg-type]
        )


def entry(
    night: date, release_id: str | None, decision: str, **more: object
) -> LogEntry:
    moment = datetime(night.year, night.month, night.day, 2, 30, tzinfo=UTC)
    return LogEntry(
        at=moment,
        as_of=night,
        release_id=release_id,
        decision=decision,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def publish(settings: Settings, night: date) -> Release:
    """A whole published night, as `night.py` does it."""
    release_id = next_release_id(settings, night)
    before = predecessor_id(settings, night)
    release = build(settings, release_id, extra={"predecessor": before})
    make_current(settings, release)
    record(settings, entry(night, release_id, "published"))
    return release


def predecessor_id(settings: Settings, night: date) -> str | None:
    before = predecessor(settings, night)
    return before.release_id if before else None
