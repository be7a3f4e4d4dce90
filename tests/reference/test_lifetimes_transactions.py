"""Repeat purchases and their days against the summary of the package lifetimes."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.features.rfm import order_history

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "lifetimes_mit"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the data of lifetimes (../shared/data) is not here"
)

AS_OF = date(2014, 12, 31)


def test_frequency_recency_and_age_of_5000_customers_are_equal():
    orders = duckdb.sql(
        "select id as customer_id, date as order_date, 1 as revenue "
        f"from read_csv('{DATA}/example_transactions.csv')"
    ).to_arrow_table()
    found = {
        row["customer_id"]: (
            row["repeat_frequency"],
            (AS_OF - row["first_order_on"]).days - row["recency_days"],
            (AS_OF - row["first_order_on"]).days,
        )
        for row in order_history(orders, AS_OF).to_pylist()
    }
    name = "expected_summary_example_transactions_2014-12-31.csv"
    expected = duckdb.sql(
        f"""select id::varchar, frequency::bigint, recency::bigint, "T"::bigint
        from read_csv('{DATA / name}')"""
    ).fetchall()
    assert len(expected) == 5000
    assert found == {key: tuple(values) for key, *values in expected}
