"""The labelled past of paying customers: what was known then, and who left after.

Labels are the dbt model `churn_labels`; here they meet the features of their date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.declarations import did_you_mean
from dagster_project.errors import DeclarationError
from dagster_project.features.rendering import render
from dagster_project.warehouse import identifier

LIST = "dbt/macros/churn.sql"
# At most a fifth of the dates tests a model, and never more than half a year.
TESTED_SHARE, TESTED_AT_MOST = 0.2, 6

DATES = """
select distinct as_of_date from (
    select as_of_date from night.as_of_dates
    union all
    select month_end from release.customer_features_monthly
) where as_of_date <= cast(? as date) - ?::integer
order by as_of_date
"""

# Computed tonight for earlier dates, or recorded by the night of the date.
SOURCES = {
    "not labels.is_recorded": ("features.customer_states", "as_of_date"),
    "labels.is_recorded": ("release.customer_features_monthly", "month_end"),
}

# They stand in the rows of earlier dates too, but say something else there.
NOT_AS_OF = {
    "people_count": "counts the people that are known today",
    **dict.fromkeys(
        ("r_score", "f_score", "m_score", "rfm_class", "engagement_percentile"),
        "compares with the other customers of its date",
    ),
}

# The halves differ from the share of customers that is looked at at all.
ROWS = """
select
    labels.customer_id,
    labels.as_of_date,
    labels.has_left,
    {{{{ share_of_all("labels.customer_id || ' half'") }}}} < 0.5 as calibrates,
    {columns}
from features.churn_labels as labels
inner join {table} as known
    on labels.recorded_id = known.customer_id and labels.as_of_date = known.{date}
where {kind} and labels.as_of_date in (select unnest(?::date[]))
"""


@dataclass(frozen=True)
class Split:
    """Older dates to learn from, later ones to test with.

    The window of the last date of learning is over when testing begins.
    """

    learned: list[date]
    tested: list[date]


def labelled_dates(
    connection: duckdb.DuckDBPyConnection, as_of: date, days: int
) -> list[date]:
    """The dates of the past whose window of `days` is over, oldest first."""
    return [row[0] for row in connection.execute(DATES, [as_of, days]).fetchall()]


def split(dates: Sequence[date], days: int) -> Split:
    """The latest dates for the test, those before them by a whole window to learn."""
    count = min(max(1, round(TESTED_SHARE * len(dates))), TESTED_AT_MOST)
    tested = list(dates[-count:])
    last = tested[0] - timedelta(days=days) if tested else date.min
    return Split([day for day in dates if day <= last], tested)


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    dates: Sequence[date],
    numbers: Mapping[str, str],
    categories: Sequence[str],
) -> pa.Table:
    """The labelled rows of some dates in an order that never changes.

    Columns: customer_id, as_of_date, has_left, calibrates (the half of the customers
    that calibrates when the date is a tested one), then the features.
    Raises DeclarationError for a feature that was not known at those dates.
    """
    _check(connection, [*numbers, *categories])
    columns = [f"cast({identifier(n)} as double) as {identifier(n)}" for n in numbers]
    columns += [
        f"cast({identifier(n)} as varchar) as {identifier(n)}" for n in categories
    ]
    parts = [
        ROWS.format(columns=", ".join(columns), table=table, date=day, kind=kind)
        for kind, (table, day) in SOURCES.items()
    ]
    query = render(
        f"select * from ({' union all '.join(parts)}) "
        "order by md5(customer_id), customer_id, as_of_date"
    )
    given = [list(dates), list(dates)]
    return connection.sql(query, params=given).to_arrow_table()


def _check(connection: duckdb.DuckDBPyConnection, features: Sequence[str]) -> None:
    for feature in NOT_AS_OF.keys() & set(features):
        raise DeclarationError(f"{LIST}: {feature!r} {NOT_AS_OF[feature]}")
    for table, _ in SOURCES.values():
        known = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
        for feature in features:
            if feature not in known:
                hint = did_you_mean(feature, known)
                raise DeclarationError(
                    f"{LIST}: {feature!r} is not a feature of earlier dates{hint}"
                )


def of_dates(rows: pa.Table, dates: Sequence[date]) -> pa.Table:
    """The rows of some of the dates."""
    return rows.filter(pc.is_in(rows["as_of_date"], pa.array(dates, pa.date32())))


def leavers(rows: pa.Table) -> int:
    """How many customers left."""
    return pc.count_distinct(rows.filter(rows["has_left"])["customer_id"]).as_py()


def customers(rows: pa.Table) -> int:
    """How many customers there are."""
    return pc.count_distinct(rows["customer_id"]).as_py()
