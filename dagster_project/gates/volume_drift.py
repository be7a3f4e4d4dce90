"""How much was delivered and how much of it was rejected, against what is usual."""

import duckdb

from dagster_project.gates.measure import Measure, number, shown, times
from dagster_project.warehouse import identifier, literal

# The business time of the feeds that grow every day.
DAILY_FEEDS = {
    "invoice_lines": "invoiced_at",
    "payments": "paid_at",
    "survey_responses": "submitted_at",
    "web_events": "event_at",
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
# Sundays.
ROWS = """
with days as (
    select
        ({time} at time zone 'UTC' at time zone control.timezone)::date as day,
        control.as_of_date,
        count(*) as rows
    from {table}
    cross join night.control as control
    where
        {time} >= control.as_of_date - interval 29 day
        and {time} < control.as_of_date + interval 2 day
    group by all
)
select
    (select count(*) from night.feeds where feed = {feed} and is_present),
    coalesce(sum(rows) filter (where day = as_of_date), 0),
    coalesce(sum(rows) filter (where as_of_date - day in (7, 14, 21, 28)), 0)
        / greatest(max(as_of_date - day) // 7, 1)
from days
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
    measures = []
    for feed, time in DAILY_FEEDS.items():
        table = f"raw.{identifier(feed)}"
        sql = ROWS.format(time=time, table=table, feed=literal(feed))
        present, rows, usual = connection.execute(sql).fetchall()[0]
        measures.append(
            Measure(
                table=f"raw.{feed}",
                observed=f"{rows:,} rows on the day" if present else "no such feed",
                baseline=f"{shown(usual)} rows on that weekday",
                change=times(number(rows), number(usual))
                if present and usual
                else None,
                size=max(float(rows), float(usual)),
            )
        )
    return measures
