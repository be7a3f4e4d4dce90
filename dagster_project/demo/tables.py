"""Runs the SQL that draws the company and writes its tables to files.

What the company is like is in `sql/`; which days a file holds is in `deliveries`.
"""

import os
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb

from dagster_project.demo.deliveries import DAY, Delivery
from dagster_project.demo.feeds import Feed
from dagster_project.demo.plan import Plan
from dagster_project.warehouse import literal

SQL = Path(__file__).parent / "sql"


class Drawing:
    """One chunk of firms after another, in temporary tables of a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
        """Make what all chunks share."""
        self._connection = connection
        self._days: dict[str, list[date]] = {}
        self._set(
            seed=plan.seed,
            start=plan.start,
            founders=plan.founders,
            arrivals=plan.arrivals,
        )
        self._run("macros", "personas")

    def draw_firms(self, firms: tuple[int, int], since: date, until: date) -> None:
        """Draw a chunk and all but its web events, as delivered in a window."""
        self._set(first_firm=firms[0], last_firm=firms[1], since=since, until=until)
        self._days.clear()
        self._run("firms", "users", "lives", "billing_customers", "subscriptions")
        self._run("invoice_lines", "payments")
        self._run("survey_slots", "about_you", "survey_responses")
        self._run("accounts", "contacts", "consents", "tickets", "campaign_events")
        self._run("catalogue", "entitlements")

    def draw_web_events(self, first: date, last: date) -> None:
        """Draw the web events of the chunk that are delivered in some days."""
        self._set(block_from=first, block_to=last)
        self._days.pop("web_events", None)
        self._run("sessions", "steps", "web_events")

    def write(self, feed: Feed, delivery: Delivery, path: Path) -> int:
        """Write a delivery and return its rows; without rows there is no file."""
        if not any(
            delivery.first <= day <= delivery.last for day in self._days_of(feed)
        ):
            return 0
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.tmp")
        rows = self._copy(
            f"select {feed.columns} from {feed.table} where delivered_on"
            f" between date '{delivery.first}' and date '{delivery.last}'"
            f" order by {feed.order}",
            draft,
            feed.options,
        )
        # Dated as it would have come, so that nobody waits for it to be finished.
        made_at = datetime.combine(delivery.last + DAY, time(), UTC).timestamp()
        os.utime(draft, (made_at, made_at))
        draft.replace(path)
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

    def _days_of(self, feed: Feed) -> list[date]:
        """The days on which a table has rows: most tables are not delivered daily."""
        if feed.table not in self._days:
            found = self._connection.execute(
                f"select distinct delivered_on from {feed.table}"
            ).fetchall()
            self._days[feed.table] = [day for (day,) in found]
        return self._days[feed.table]

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
