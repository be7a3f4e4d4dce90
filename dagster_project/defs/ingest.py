"""Landing to raw: one asset per feed, with its files, its rejects and its age."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb

from dagster_project.defs.partitions import NIGHTS, ONE_BY_ONE, OWNERS
from dagster_project.defs.tables import describe, markdown
from dagster_project.ingest.feeds import FEEDS, FeedSpec
from dagster_project.ingest.outcome import IngestResult
from dagster_project.night import Night

FRESH = "is_fresh"
#: Days that a feed may be behind the night.
OLDEST_REQUIRED = 1
OLDEST_OPTIONAL = 7

SHOWN_FILES = 50
SHOWN_REJECTS = 10

FILES = """
select path, source, lines, loaded, quarantined, known, blank, status, reason
from night.files
where feed = ?
order by first_seen_at desc, path
"""

REJECTS = """
select rejected.path, rejected.line, rejected.reason
from night.quarantine_rows as rejected
inner join night.files as files on rejected.file_id = files.file_id
where files.feed = ?
order by files.first_seen_at desc, rejected.path, rejected.line
limit ?
"""

AGE = """
select
    count(*) filter (files.status = 'loaded') as loaded,
    max(files.max_on) as last_on,
    max(files.first_seen_at)::date as seen_on,
    (
        select coalesce(bool_or(sources.required), false)
        from night.sources as sources where sources.feed = ?
    ) as required,
    (select as_of_date from night.control) as as_of
from night.files as files
where files.feed = ? and files.status = 'loaded'
"""


def about(feed: FeedSpec) -> str:
    """What one row of a feed is, from its declaration."""
    ids = ", ".join(feed.id)
    needs = [*feed.required, *(" or ".join(group) for group in feed.one_of)]
    dated = f" Its business day is that of {feed.business_date}." * bool(
        feed.business_date
    )
    return (
        f"Delivered rows of {feed.name.replace('_', ' ')} ({feed.group}), all versions "
        f"of each {ids}. A row needs {', '.join(needs)}.{dated}"
    )


def _spec(schema: str, name: str, text: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        [schema, name],
        description=text,
        group_name="ingest",
        owners=OWNERS,
        kinds={"duckdb", "parquet"},
    )


RAW = [_spec("raw", name, about(feed)) for name, feed in FEEDS.items()] + [
    _spec(
        "raw",
        "pii",
        "Clear e-mail and phone with their hashes. Read by customer_pii alone.",
    )
]
SPECS = [
    *RAW,
    # It names every file and every touched date, so it is made of all feeds.
    _spec(
        "night", "control", "What tonight is: as-of dates, files, touched dates."
    ).replace_attributes(deps=[spec.key for spec in RAW]),
    _spec("release", "predecessor", "The last accepted release of an earlier night."),
]
CHECKS = [
    dg.AssetCheckSpec(
        FRESH,
        asset=["raw", name],
        description="How many days its last business day is before the night.",
    )
    for name in FEEDS
]


@dg.multi_asset(
    name="ingest",
    specs=SPECS,
    check_specs=CHECKS,
    partitions_def=NIGHTS,
    backfill_policy=ONE_BY_ONE,
    can_subset=False,
)
def ingest(
    night: dg.ResourceParam[Night],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Bring new deliveries into raw and lay out what tonight is."""
    result = night.ingest()
    with night.work() as connection:
        for spec in SPECS:
            schema, name = spec.key.path
            metadata = {}
            if schema == "raw":
                metadata = describe(connection, f"raw.{name}")
            if name in FEEDS:
                metadata |= _delivered(connection, result, name)
            yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)
        for name in FEEDS:
            yield freshness(connection, name)


def _delivered(
    connection: duckdb.DuckDBPyConnection, result: IngestResult, feed: str
) -> dict[str, dg.MetadataValue]:
    """Counts per file, newest first, and the first rejects without their values."""
    found = connection.execute(FILES, [feed])
    titles = [column[0] for column in found.description]
    files = found.fetchall()
    rejects = connection.execute(REJECTS, [feed, SHOWN_REJECTS]).fetchall()
    new = [f for f in result.files if f.row.feed == feed and f.is_new]
    status = titles.index("status")
    quarantined = sum(row[titles.index("quarantined")] for row in files)
    return {
        "files": dg.MetadataValue.int(len(files)),
        "new files": dg.MetadataValue.int(len(new)),
        "rejected files": dg.MetadataValue.int(
            sum(row[status] == "rejected" for row in files)
        ),
        "quarantined rows": dg.MetadataValue.int(quarantined),
        "lines by file": dg.MetadataValue.md(
            markdown(titles, files[:SHOWN_FILES], len(files))
        ),
        "rows in quarantine": dg.MetadataValue.md(
            markdown(["file", "line", "reason"], rejects, quarantined)
        ),
    }


def freshness(connection: duckdb.DuckDBPyConnection, feed: str) -> dg.AssetCheckResult:
    """How old the newest rows of a feed are; whether a source needs it decides much."""
    loaded, last_on, seen_on, required, as_of = connection.execute(
        AGE, [feed, feed]
    ).fetchall()[0]
    dated = FEEDS[feed].business_date is not None
    passed, text = _age(as_of, last_on if dated else seen_on, loaded, required)
    severity = dg.AssetCheckSeverity.ERROR if required else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        asset_key=["raw", feed],
        check_name=FRESH,
        passed=passed,
        severity=severity,
        description=text,
        metadata={"age": text, "last day": str(last_on or seen_on or "never")},
    )


def _age(
    as_of: date, last: date | None, files: int, required: bool
) -> tuple[bool, str]:
    if not files or last is None:
        return not required, "never delivered" + ("" if required else ", and optional")
    days = max((as_of - last).days, 0)
    allowed = OLDEST_REQUIRED if required else OLDEST_OPTIONAL
    if days == 0:
        return True, f"up to date: it reaches {last}"
    return days <= allowed, f"{days} days old: its last day is {last}"


@dg.definitions
def ingest_stage() -> dg.Definitions:
    """The assets of the stage."""
    return dg.Definitions(assets=[ingest])
