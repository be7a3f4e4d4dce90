"""The identity models on rows of a test: the very SQL of the night, without a night.

Only the tables that these models read; no expectations here.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import duckdb

from dagster_project.features.identity import connect_persons
from dagster_project.features.rendering import render_model
from dagster_project.transform import PROJECT

Row = Mapping[str, Any]

NIGHT = date(2026, 3, 31)

TEXT, DAY, TIME = "varchar", "date", "timestamp"
IDS = {"user_id": TEXT, "email_hash": TEXT, "phone_hash": TEXT}
SEEN = {"first_seen_at": TIME, "last_seen_at": TIME}

# What the models read, with the columns that they use.
TABLES: dict[str, dict[str, str]] = {
    "int_web__links": {
        "linked_on": DAY, "anonymous_id": TEXT, **IDS, "account_id": TEXT, **SEEN,
    },
    "stg_billing__customers": {
        "billing_customer_id": TEXT, **IDS, "account_id": TEXT, "country": TEXT,
        "region": TEXT, "currency": TEXT, "created_at": TIME, "created_on": DAY,
    },
    "int_billing__invoice_lines": {"billing_customer_id": TEXT, "invoiced_on": DAY},
    "int_billing__subscription_periods": {
        "billing_customer_id": TEXT, "starts_on": DAY,
    },
    "stg_billing__payments": {"billing_customer_id": TEXT, "paid_on": DAY},
    "stg_survey__responses": {**IDS, "submitted_at": TIME},
    "stg_crm__contacts": {
        "contact_id": TEXT, **IDS, "known_since": TIME, "seniority": TEXT,
    },
    "stg_crm__contact_accounts": {
        **IDS, "account_id": TEXT, "changed_at": TIME, "changed_on": DAY,
    },
    "stg_support__tickets": {**IDS, "opened_at": TIME},
    "stg_campaigns__events": {**IDS, "event_at": TIME, "event_type": TEXT},
    "stg_consents__changes": {
        **IDS, "purpose": TEXT, "channel": TEXT, "status": TEXT, "changed_at": TIME,
        "source": TEXT,
    },
    "stg_catalogue__entitlements": {"user_id": TEXT, "starts_on": DAY},
    "stg_pii__contacts": {"email_hash": TEXT, "email": TEXT},
    "customer_identities": {
        "id_type": TEXT, "id_value": TEXT, "person_id": TEXT, "customer_id": TEXT,
        "first_seen_at": TIME,
    },
    "customer_features": {"customer_id": TEXT, "is_billing_customer": "boolean"},
}  # fmt: skip

SEEDS = {
    "identity_blocked_values": {"id_type": TEXT, "id_value": TEXT},
    "identity_limits": {"id_type": TEXT, "counted": TEXT, "maximum": "bigint"},
    "identity_overrides": {
        "kind": TEXT, "id_a": TEXT, "id_b": TEXT, "who": TEXT, "why": TEXT,
    },
    "identity_role_mailboxes": {"local_part": TEXT},
    "identity_seniority": {"seniority": TEXT, "seniority_rank": "integer"},
}  # fmt: skip

BEFORE = ["sightings", "identifiers", "links"]
AFTER = [
    "named_persons",
    "sign_ins",
    "persons",
    "billing_persons",
    "visitor_persons",
    "person_units",
    "customers",
    "person_customers",
    "visitor_customers",
]


def people(**given: Sequence[Row]) -> duckdb.DuckDBPyConnection:
    """The identity tables of a night of which these rows are known."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; create schema intermediate")
    connection.execute("create schema seeds; create schema identity")
    connection.execute(
        "create table control as select ?::date as as_of_date, 'UTC' as timezone",
        [NIGHT],
    )
    for name, columns in TABLES.items():
        _table(connection, name, columns, given.get(name, ()))
    for name, columns in SEEDS.items():
        _seed(connection, name, columns, given.get(name))
    for name in BEFORE:
        _model(connection, f"int_identity__{name}")
    connect_persons(connection)
    connection.execute("create view components as from identity.components")
    for name in AFTER:
        _model(connection, f"int_identity__{name}")
    return connection


def link(day: str, **columns: str | None) -> Row:
    """A row of int_web__links: identifiers seen together at noon of a day of March."""
    at = f"2026-03-{day} 12:00:00"
    times = {"first_seen_at": at, "last_seen_at": at, "linked_on": f"2026-03-{day}"}
    return times | columns


def groups(connection: duckdb.DuckDBPyConnection) -> set[frozenset[str]]:
    """The persons of a night, each as its identifiers."""
    rows = connection.execute(
        "select list(id_value) from int_identity__persons group by person_id"
    ).fetchall()
    return {frozenset(row[0]) for row in rows}


def published(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The identifiers as the release of this night would keep them."""
    found = connection.execute("""
        select id_type, id_value, person_id, customer_id, first_seen_at
        from int_identity__persons left join int_identity__person_customers
        using (person_id) where valid_to = date '9999-12-31'""")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Row],
) -> None:
    listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"create table {name} ({listed})")
    for row in rows:
        assert row.keys() <= columns.keys(), row.keys() - columns.keys()
        values = ", ".join("?" for _ in row)
        connection.execute(
            f"insert into {name} ({', '.join(row)}) values ({values})",
            list(row.values()),
        )


def _seed(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Row] | None,
) -> None:
    _table(connection, name, columns, rows or ())
    if rows is None:
        path = PROJECT / "seeds" / f"{name}.csv"
        connection.execute(f"copy {name} from '{path}' (header, nullstr '')")
    connection.execute(f"create view seeds.{name} as from main.{name}")


def _model(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(f"create table {name} as {_sql(name)}")
    connection.execute(f"create view intermediate.{name} as from main.{name}")


_sql = cache(render_model)
