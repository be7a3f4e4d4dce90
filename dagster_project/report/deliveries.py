"""What was delivered: freshness of feeds, files by source, reasons of quarantine.

Counts and reasons only: the content of a row never reaches the page.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dagster_project.report import words
from dagster_project.report.published import Published

SHOWN = 15


@dataclass(frozen=True)
class Deliveries:
    """The state of the inputs as of this night."""

    feeds: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    more_rejected: int
    reasons: list[tuple[str, str, int]]
    more_reasons: int


def deliveries(published: Published, as_of: date | None) -> Deliveries:
    """Feeds, sources, rejected files and reasons of quarantine, worst first."""
    rejected = [
        {
            "path": words.masked(row["path"]),
            "reason": words.without_values(row["reason"]),
        }
        for row in published.rows(
            "select path, reason from {source_files} where status = 'rejected'"
            " order by path, file_id"
        )
    ]
    reasons = _reasons(published)
    return Deliveries(
        feeds=_feeds(published, as_of),
        sources=_sources(published),
        rejected=rejected[:SHOWN],
        more_rejected=max(len(rejected) - SHOWN, 0),
        reasons=reasons[:SHOWN],
        more_reasons=max(len(reasons) - SHOWN, 0),
    )


def _feeds(published: Published, as_of: date | None) -> list[dict[str, Any]]:
    rows = published.rows(
        "select * from {source_freshness} order by is_present desc, feed"
    )
    for row in rows:
        last = row["last_event_on"]
        row["days_behind"] = (as_of - last).days if as_of and last else None
    return rows


def _sources(published: Published) -> list[dict[str, Any]]:
    return published.rows(
        """select source, count(*) as files, sum(bytes) as bytes, sum(lines) as lines,
            sum(loaded) as loaded, sum(quarantined) as quarantined,
            sum(known) as known, sum(blank) as blank
        from {source_files} group by source order by source"""
    )


def _reasons(published: Published) -> list[tuple[str, str, int]]:
    """Reasons without the values they quote, so that equal ones are one line."""
    rows = published.rows(
        """with quoted as (
            select file_id,
                regexp_replace(reason, '[''"`][^''"`]*[''"`]', '…', 'g') as reason
            from {quarantine_rows}
        )
        select coalesce(files.feed, files.source) as feed, quoted.reason,
            count(*) as n
        from quoted
        left join (
            select file_id, min(feed) as feed, min(source) as source
            from {source_files} group by file_id
        ) as files on quoted.file_id = files.file_id
        group by all"""
    )
    totals: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (words.plain(row["feed"]), words.without_values(row["reason"]))
        totals[key] = totals.get(key, 0) + row["n"]
    return sorted(
        ((feed, reason, n) for (feed, reason), n in totals.items()),
        key=lambda item: (-item[2], item[0], item[1]),
    )
