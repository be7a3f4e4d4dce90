"""The deliveries of a demo company, read as tables."""

from datetime import date
from pathlib import Path

import duckdb

from dagster_project.warehouse import connect

END = date(2026, 11, 21)
MONEY = "decimal(18, 2)"
JSON = "format = 'newline_delimited', union_by_name = true, sample_size = -1"

# Per table: the reader, its options, the files.
READERS = {
    "web_events": (
        "read_json",
        JSON,
        "web/events-*.jsonl.gz",
    ),
    "survey_responses": ("read_csv", "header = true", "survey/responses-*.csv"),
    "billing_customers": ("read_csv", "header = true", "billing/customers-*.csv"),
    "subscription_rows": (
        "read_csv",
        f"types = {{'monthly_amount': '{MONEY}'}}",
        "billing/subscriptions-*.csv",
    ),
    "invoice_lines": (
        "read_csv",
        f"types = {{'amount': '{MONEY}', 'tax': '{MONEY}', 'unit_price': '{MONEY}'}}",
        "billing/invoice_lines-*.csv.gz",
    ),
    "payments": ("read_parquet", "union_by_name = true", "billing/payments-*.parquet"),
    "accounts": ("read_parquet", "union_by_name = true", "crm/accounts-*.parquet"),
    "contacts": ("read_json", JSON, "crm/contacts-*.jsonl.gz"),
    "consents": ("read_csv", "all_varchar = true", "consents/changes-*.csv"),
    "tickets": ("read_json", JSON, "support/tickets-*.jsonl"),
    "campaign_events": (
        "read_parquet",
        "union_by_name = true",
        "campaigns/events-*.parquet",
    ),
    "products": ("read_csv", "header = true", "catalogue/products-*.csv"),
    "plans": ("read_csv", "header = true", "catalogue/plans-*.csv"),
    "plan_features": ("read_csv", "header = true", "catalogue/plan_features-*.csv"),
    "offers": ("read_json", JSON, "catalogue/offers-*.jsonl"),
    "entitlements": (
        "read_parquet",
        "union_by_name = true",
        "catalogue/entitlements-*.parquet",
    ),
}


def read_landing(landing: Path) -> duckdb.DuckDBPyConnection:
    connection = connect()
    for table, (reader, options, files) in READERS.items():
        connection.execute(
            f"create table {table} as"
            f" from {reader}('{landing / files}', filename = true, {options})"
        )
    connection.execute(
        "create table subscriptions as from subscription_rows"
        " qualify row_number() over (partition by subscription_id"
        " order by updated_at desc) = 1"
    )
    connection.execute(
        "create table users as select distinct user_id, email from web_events"
        " where event_type = 'identify'"
    )
    personas = landing.parent / "demo" / "personas.csv"
    connection.execute(f"create table personas as from read_csv('{personas}')")
    return connection
