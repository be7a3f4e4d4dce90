"""Tiny homes for whole nights: small deliveries in, one release out.

Only what several night tests need; no tests and no expectations here.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from dagster_project.night import Night
from dagster_project.publish.catalogue import Release
from dagster_project.run import run_night
from dagster_project.settings import Settings, load_settings
from dagster_project.warehouse import connect

Row = dict[str, Any]

PEPPER = "the same in every test"

# As the shipped declarations in sources/ want them.
FILES = {
    "web_events": "web/events-{}.jsonl",
    "survey_responses": "survey/responses-{}.csv",
    "billing_customers": "billing/customers-{}.csv",
    "subscriptions": "billing/subscriptions-{}.csv",
    "invoice_lines": "billing/invoice_lines-{}.csv",
    "payments": "billing/payments-{}.parquet",
    "tickets": "support/tickets-{}.jsonl",
    "contacts": "crm/contacts-{}.jsonl",
    "consents": "consents/changes-{}.csv",
    "campaign_events": "campaigns/events-{}.parquet",
    "products": "catalogue/products-{}.csv",
}

# The columns of a file without rows, and of the rows that leave some out.
COLUMNS = {
    "survey_responses": "response_id question_id user_id billing_customer_id email "
    "survey_id survey_kind answer_number answer_text submitted_at",
    "billing_customers": "billing_customer_id email user_id name phone country region "
    "city currency account_id created_at updated_at",
    "subscriptions": "subscription_id billing_customer_id starts_on ends_on plan_id "
    "plan tier monthly_amount currency quantity status updated_at",
    "invoice_lines": "invoice_line_id invoice_id billing_customer_id invoiced_at "
    "product_id description quantity unit_price tax amount currency kind",
    "payments": "payment_id billing_customer_id invoice_id paid_at amount currency "
    "status failure_code updated_at",
    "consents": "email phone user_id purpose channel status changed_at source",
    "campaign_events": "event_id campaign_id email user_id channel event_type event_at "
    "pipeline_amount cost reason",
    "products": "product_id name category price unit_cost climate season_from "
    "season_to",
}


def make_home(
    folder: Path,
    models: Mapping[str, Row] | None = None,
    *,
    declarations: Path | None = None,
    **settings: Any,
) -> Settings:
    """An empty home in `folder`, with an empty landing folder.

    `models` are the segment models instead of the shipped ones, by name; `declarations`
    is a folder to take them from. Whatever neither holds is the shipped declaration.
    """
    home = folder / "home"
    (home / "landing").mkdir(parents=True)
    if models is not None:
        declarations = folder / "declarations"
        declare(declarations, models)
    chosen = {"pepper": PEPPER, "threads": 2, "memory_limit": "1GB", "timezone": "UTC"}
    return load_settings(home=home, declarations=declarations, **(chosen | settings))


def declare(declarations: Path, models: Mapping[str, Row]) -> None:
    """Write segment models into a folder of declarations, over those of that name."""
    segments = declarations / "segments"
    segments.mkdir(parents=True, exist_ok=True)
    for name, model in models.items():
        text = yaml.safe_dump(model, sort_keys=False)
        (segments / f"{name}.yml").write_text(text, encoding="utf-8")


def rules(rules_in_order: Mapping[str, str], otherwise: str) -> Row:
    """A model of rules: segment -> predicate, first match wins."""
    return {
        "title": "A model of a test",
        "kind": "rules",
        "goal": "Tell the customers of a test apart",
        "kpi": "mrr",
        "owner": "tests",
        "reviewed_on": date(2024, 1, 1),
        "segments": [
            {"name": name, "when": predicate, "means": f"those with {predicate}"}
            for name, predicate in rules_in_order.items()
        ],
        "otherwise": otherwise,
    }


def deliver(settings: Settings, day: date | str, **feeds: Sequence[Row]) -> list[Path]:
    """Land one file per feed, named after the day; the same day twice replaces it.

    A row gives the columns it has; an empty list makes a file with a header only.
    """
    return [_write(settings, feed, str(day), rows) for feed, rows in feeds.items()]


def deliver_the_least(settings: Settings, day: date) -> None:
    """All that a night requires: one anonymous visit, and required files of no rows."""
    visit = event("visit", at(day, "06:00"), anonymous_id="visitor")
    nothing: dict[str, list[Row]] = {
        feed: [] for feed in ("survey_responses", "subscriptions", "invoice_lines")
    }
    deliver(settings, f"{day}-least", web_events=[visit], **nothing)


def event(event_id: str, event_at: datetime, **columns: Any) -> Row:
    """A page view, unless the columns say otherwise."""
    row = {"event_id": event_id, "event_type": "page", "event_name": "page"}
    times = {"event_at": event_at, "received_at": event_at + timedelta(seconds=1)}
    return row | times | columns


def at(day: date, time: str) -> datetime:
    """A moment of a day, for example `09:30`."""
    return datetime.fromisoformat(f"{day} {time}")


def run(settings: Settings, day: date, **options: Any) -> Release:
    """The release of a night, run without Dagster."""
    return run_night(settings, day, **options)


def compute(night: Night, *marts: str) -> None:
    """A night up to some of its marts, or all: no suites, no gates and no release."""
    night.ingest()
    night.stop_if_broken(night.build("prepare")[1])
    night.connect_persons()
    night.stop_if_broken(night.build("features")[1])
    night.score()
    night.stop_if_broken(night.build("scores")[1])
    night.segment()
    night.stop_if_broken(night.build("marts", list(marts) or None)[1])


def read(release: Release, sql: str) -> list[tuple[Any, ...]]:
    """The rows that a BI tool would get from the release."""
    with duckdb.connect(str(release.database), read_only=True) as reader:
        return reader.execute(sql).fetchall()


@contextmanager
def side_by_side(**releases: Release):
    """A connection in which each release is a catalog of the name given here."""
    with connect() as connection:
        for name, release in releases.items():
            path = str(release.database).replace("'", "''")
            connection.execute(f"attach '{path}' as {name} (read_only)")
        yield connection


def difference(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    one: str,
    other: str,
    besides: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Rows of a table that only one of two attached releases has, and which.

    The columns `besides` are not compared where the table has them.
    """
    described = connection.execute(f"describe {one}.{table}").fetchall()
    left_out = {"release_id", *besides} & {name for name, *_ in described}
    rows = f"select * exclude ({', '.join(sorted(left_out))}) from {{}}.{table}"
    left, right = rows.format(one), rows.format(other)
    return connection.execute(
        f"(select '{one}', * from ({left} except all {right})) union all "
        f"(select '{other}', * from ({right} except all {left}))"
    ).fetchall()


def _write(settings: Settings, feed: str, label: str, rows: Sequence[Row]) -> Path:
    path = settings.landing_folder / FILES[feed].format(label)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        lines = (json.dumps(row, default=str) + "\n" for row in rows)
        path.write_text("".join(lines), encoding="utf-8")
    elif path.suffix == ".parquet":
        texts = {
            name: pa.array([_text(row.get(name)) for row in rows], pa.string())
            for name in COLUMNS[feed].split()
        }
        pq.write_table(pa.table(texts), path)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS[feed].split())
            writer.writeheader()
            writer.writerows(rows)
    return path


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
