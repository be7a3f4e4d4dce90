"""The jaffle shop of dbt Labs: payments as orders, through the order features."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.features.rfm import order_history

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "jaffle_shop_classic"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the data of the jaffle shop (../shared/data) is not here"
)

#: Returned orders count there, too; amounts are in cents.
ORDERS = f"""
    select
        orders.user_id as customer_id, orders.id as order_id, orders.order_date,
        payments.amount / 100 as revenue
    from read_csv('{DATA}/raw_orders.csv') as orders
    inner join read_csv('{DATA}/raw_payments.csv') as payments
        on orders.id = payments.order_id
"""


def test_customers_and_the_total_are_those_of_the_project():
    """One order there was paid with nothing; here an order has a positive line."""
    found = order_history(duckdb.sql(ORDERS).to_arrow_table(), date(2018, 4, 30))
    expected = duckdb.sql(
        f"""select customers.customer_id::varchar, min(order_date), count(*),
            date '2018-04-30' - max(order_date),
            any_value(customer_lifetime_value)::decimal(18, 2)
        from read_csv('{DATA}/expected_customers.csv') as customers
        inner join read_csv('{DATA}/expected_orders.csv') as orders
            using (customer_id)
        where orders.amount > 0 group by 1 order by 1"""
    ).fetchall()
    columns = ("first_order_on", "orders_total", "recency_days", "revenue_total")
    ours = [
        (row["customer_id"], *(row[column] for column in columns))
        for row in found.to_pylist()
        if row["orders_total"]
    ]
    assert ours == expected
    assert str(sum(row[-1] for row in ours)) == "1672.00"
    assert len(found) == 62
