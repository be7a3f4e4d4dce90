"""The deliveries of a demo company, read as tables."""

from datetime import date
from pathlib import Path

import duckdb

from dagster_project.warehouse import connect

END = date(2026, 11, 21)
MONEY = "decimal(18, 2)"

# Per table: the reader, its options, the files.
READERS = {
    "web_events": (
        "read_json",
        "format = 'newline_delimited', union_by_name = true, sample_size = -1",
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
    personas = landing.parent / "demo" / "personas.csv"
    connection.execute(f"create table personas as from read_csv('{personas}')")
    return connection
