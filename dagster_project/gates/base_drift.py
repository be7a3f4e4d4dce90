"""Totals and scores of all customers against the last accepted release."""

import duckdb

from dagster_project.gates.checks import missing_tables
from dagster_project.gates.measure import Measure, number, shown, times

TONIGHT = "features.customer_features"
BEFORE = "release.customer_features"

# name: (the column that must be there, the total)
TOTALS: dict[str, tuple[str, str]] = {
    "customers": ("customer_id", "nullif(count(*), 0)"),
    "paying_customers": (
        "mrr",
        "if(count(mrr) = 0, null, count(*) filter (where mrr > 0))",
    ),
    "mrr": ("mrr", "sum(mrr)"),
    "revenue_12m": ("revenue_12m", "sum(revenue_12m)"),
    "revenue_total": ("revenue_total", "sum(revenue_total)"),
    "events_total": ("events_total", "sum(events_total)"),
}

# name: (column, the score, how many answers it rests on)
SCORES: dict[str, tuple[str, str, str]] = {
    "nps": (
        "nps_class",
        """100.0 * (
            count(*) filter (where nps_class = 'promoter')
            - count(*) filter (where nps_class = 'detractor')
        ) / nullif(count(nps_class), 0)""",
        "count(nps_class)",
    ),
    "csat": ("csat_90d", "avg(csat_90d::decimal(18, 4))", "count(csat_90d)"),
}


def measure_total(connection: duckdb.DuckDBPyConnection, name: str) -> Measure:
    """A sum over all customers, in times of what it was a week ago or less.

    After a longer gap (an outage, a backfill) the excess is spread over its weeks.
    """
    column, total = TOTALS[name]
    (now,) = _read(connection, TONIGHT, column, total)
    (before,) = _read(connection, BEFORE, column, total)
    return Measure(
        table=TONIGHT,
        column=column,
        observed=shown(now),
        baseline=shown(before),
        change=_a_week(times(now, before), _days_since_release(connection)),
        size=max(abs(now or 0), abs(before or 0)),
    )


def measure_score(connection: duckdb.DuckDBPyConnection, name: str) -> Measure:
    """A mean over all customers, in points from where it was."""
    column, score, answers = SCORES[name]
    now, now_size = _read(connection, TONIGHT, column, score, answers)
    before, size = _read(connection, BEFORE, column, score, answers)
    known = now is not None and before is not None
    return Measure(
        table=TONIGHT,
        column=column,
        observed=shown(now),
        baseline=shown(before),
        change=abs(now - before) if known else None,  # type: ignore[operator]
        size=min(now_size or 0, size or 0),
    )


def _a_week(change: float | None, days: int) -> float | None:
    return None if change is None else 1 + (change - 1) / max(1, days / 7)


def _days_since_release(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute(
        "select as_of_date - predecessor_as_of from night.control"
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 1


def _read(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, *figures: str
) -> list[float | None]:
    """Figures of a table; unknown where the table or its column is not there.

    A column may be newer than the last release.
    """
    if missing_tables(connection, [table]):
        return [None for _ in figures]
    names = connection.execute(f"select * from {table} limit 0").description or []
    if column not in [name for name, *_ in names]:
        return [None for _ in figures]
    row = connection.execute(f"select {', '.join(figures)} from {table}").fetchone()
    return [number(value) for value in row or ()]
