"""How much was delivered and how much of it was rejected, against what is usual."""

import duckdb

from dagster_project.gates.measure import Measure, number, shown, times
from dagster_project.ingest.feeds import FEEDS
from dagster_project.warehouse import literal

#: The business date of the feeds that have one.
DATED_FEEDS = {
    name: feed.business_date for name, feed in FEEDS.items() if feed.business_date
}

# A file rejected whole is judged by whether its source is required.
QUARANTINED = """
select
    feeds.feed,
    coalesce(sum(files.quarantined) filter (where files.is_new), 0) as quarantined,
    coalesce(sum(files.lines) filter (where files.is_new), 0) as lines
from night.feeds as feeds
left join (
    select * from night.files where status = 'loaded'
) as files using (feed)
group by feeds.feed
order by feeds.feed
"""

# The same weekday of up to four weeks, as far as the feed goes back: shops close on
# Sundays. Counted when a file arrived, so that no feed is read again.
ROWS = """
with days as (
    select feed, as_of_date - value::date as age, sum("values".rows) as rows
    from night.file_values as "values"
    inner join night.deliveries using (file_id, feed)
    cross join night.control
    where is_mounted and (feed, column_name) in ({dates})
    group by feed, age having age between 0 and 28
)
select
    feed,
    coalesce(sum(rows) filter (where age = 0), 0),
    coalesce(sum(rows) filter (where age in (7, 14, 21, 28)), 0)
        / greatest(max(age) // 7, 1)
from days
group by feed
"""

SNAPSHOTS = """
with snapshots as (
    select
        source, feed, loaded as rows, is_new, is_mounted,
        lag(loaded) over (partition by source order by sequence) as rows_before
    from night.deliveries where delivery = 'full_snapshot'
)
select feed, source, rows, rows_before
from snapshots where is_mounted and is_new
order by feed, source
"""


def measure_quarantine_share(
    connection: duckdb.DuckDBPyConnection, at_least: float
) -> list[Measure]:
    """The share of tonight's new lines that were quarantined, for each feed."""
    return [
        Measure(
            table=f"raw.{feed}",
            observed=f"{quarantined:,} of {lines:,} new lines quarantined",
            baseline="none",
            change=float(quarantined) / float(lines) if lines else None,
            size=float(lines),
        )
        for feed, quarantined, lines in connection.execute(QUARANTINED).fetchall()
    ]


def measure_rows_per_day(
    connection: duckdb.DuckDBPyConnection, at_least: float
) -> list[Measure]:
    """Rows dated D against the mean of that weekday in the four weeks before."""
    dates = [f"({literal(f)}, {literal(date)})" for f, date in DATED_FEEDS.items()]
    counted = connection.execute(ROWS.format(dates=", ".join(dates))).fetchall()
    found = {feed: (rows, usual) for feed, rows, usual in counted}
    present = {feed for feed, is_present in _feeds(connection).items() if is_present}
    measures = []
    for feed in DATED_FEEDS:
        rows, usual = found.get(feed, (0, 0)) if feed in present else (0, 0)
        measures.append(
            Measure(
                table=f"raw.{feed}",
                observed=f"{rows:,} rows on the day"
                if feed in present
                else "no such feed",
                baseline=f"{shown(usual)} rows on that weekday",
                change=times(number(rows), number(usual)) if usual else None,
                size=max(float(rows), float(usual)),
            )
        )
    return measures


def measure_snapshot_rows(
    connection: duckdb.DuckDBPyConnection, at_least: float
) -> list[Measure]:
    """The rows of a new full snapshot against the one before, of each feed."""
    found = connection.execute(SNAPSHOTS).fetchall()
    by_feed: dict[str, list[Measure]] = {}
    for feed, source, rows, before in found:
        by_feed.setdefault(feed, []).append(
            Measure(
                table=f"raw.{feed}",
                observed=f"{rows:,} rows in the new snapshot of {source}",
                baseline=f"{shown(before)} rows in the one before",
                change=times(rows, before),
                size=float(max(rows, before or 0)),
            )
        )
    nothing = "no new snapshot"
    return [
        max(
            by_feed.get(feed, [Measure(f"raw.{feed}", nothing, nothing, None, 0)]),
            key=lambda measure: (measure.size >= at_least, measure.change or 0),
        )
        for feed in _feeds(connection)
    ]


def _feeds(connection: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    """Every feed of the night, and whether it was ever delivered."""
    found = connection.execute("select feed, is_present from night.feeds order by feed")
    return dict(found.fetchall())
