"""Runs the SQL that draws the company and writes its tables to files.

What the company is like is in `sql/`; which days a file holds is in `deliveries`.
"""

from datetime import date
from pathlib import Path

import duckdb

from dagster_project.demo.deliveries import Delivery, Feed
from dagster_project.demo.plan import Plan
from dagster_project.warehouse import literal

SQL = Path(__file__).parent / "sql"


class Drawing:
    """One chunk of firms after another, in temporary tables of a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
        """Make what all chunks share."""
        self._connection = connection
        self._set(
            seed=plan.seed,
            start=plan.start,
            founders=plan.founders,
            arrivals=plan.arrivals,
        )
        self._run("macros", "personas")

    def draw_firms(self, firms: tuple[int, int], since: date, until: date) -> None:
        """Draw a chunk and its billing and survey rows delivered in a window."""
        self._set(first_firm=firms[0], last_firm=firms[1], since=since, until=until)
        self._run("firms", "users", "lives", "billing_customers", "subscriptions")
        self._run("invoice_lines", "payments", "survey_responses")

    def draw_web_events(self, first: date, last: date) -> None:
        """Draw the web events of the chunk that are delivered in some days."""
        self._set(block_from=first, block_to=last)
        self._run("sessions", "steps", "web_events")

    def write(self, feed: Feed, delivery: Delivery, path: Path) -> int:
        """Write a delivery and return its rows; without rows there is no file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.tmp")
        rows = self._copy(
            f"select {feed.columns} from {feed.table} where delivered_on"
            f" between date '{delivery.first}' and date '{delivery.last}'"
            f" order by {feed.order}",
            draft,
            feed.options,
        )
        if rows:
            draft.replace(path)
        else:
            draft.unlink()
        return rows

    def write_personas(self, path: Path) -> int:
        """Write the hidden personas of the chunk's firms that have joined."""
        return self._copy(
            "select account_id, billing_customer_id, user_id, persona from firms"
            " inner join users using (firm) where n = 1"
            " and joined_on <= getvariable('until') order by firm",
            path,
            "format csv, header true",
        )

    def _copy(self, query: str, path: Path, options: str) -> int:
        copied = self._connection.execute(
            f"copy ({query}) to {literal(path)} ({options})"
        ).fetchall()
        return int(copied[0][0])

    def _set(self, **values: int | date) -> None:
        for name, value in values.items():
            text = f"date '{value}'" if isinstance(value, date) else str(value)
            self._connection.execute(f"set variable {name} = {text}")

    def _run(self, *names: str) -> None:
        for name in names:
            self._connection.execute((SQL / f"{name}.sql").read_text())
