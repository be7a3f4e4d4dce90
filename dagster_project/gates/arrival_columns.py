"""The columns of `night.arrivals__<feed>`: what an expectation may say of a new file.

Known without a night, so that a suite is validated before one runs.
"""

from dagster_project.ingest.feeds import FEEDS, FeedSpec
from dagster_project.ingest.profile import domain_columns, profiled_columns

#: Of the file, or of its feed: these repeat in every row.
OF_THE_FEED = ("is_present", "is_required", "newest_on", "days_old")
OF_THE_FILE = (
    "file_id",
    "source",
    "path",
    "rows",
    "lines",
    "quarantined_share",
    "required_nulls",
    "unlisted_share",
    "null_change",
    "null_change_of",
    "mix_change",
    "mix_change_of",
)


def arrivals_table(feed: str) -> str:
    """The table of the night with one row per new file of a feed."""
    return f"arrivals__{feed}"


def null_columns(feed: FeedSpec) -> dict[str, str]:
    """`<column>__nulls`: the share of NULLs in a raw column, by raw column."""
    return {column: f"{column}__nulls" for column in profiled_columns(feed)}


def count_columns(feed: FeedSpec) -> dict[str, str]:
    """`<column>__values`: how many values a column with few of them has."""
    return {column: f"{column}__values" for column in domain_columns(feed)}


def share_columns(feed: FeedSpec) -> dict[tuple[str, str], str]:
    """`<column>__<value>`: the share of a value among the rows, where it is listed."""
    return {
        (column, value): f"{column}__{value}"
        for column, values in feed.values.items()
        for value in values
    }


def arrival_columns(feed: str) -> tuple[str, ...]:
    """Every column of `night.arrivals__<feed>`."""
    spec = FEEDS[feed]
    return (
        *OF_THE_FEED,
        *OF_THE_FILE,
        *null_columns(spec).values(),
        *count_columns(spec).values(),
        *share_columns(spec).values(),
    )
