"""Recency, frequency and monetary value of plain orders, by the SQL of the night."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb

from dagster_project.features.plain_data import build_models, load_seeds, plain_night

# An order is one invoice with one line; the order of rows says nothing.
LINES = """
create table int_customers__invoice_lines as
select
    customer_id::varchar as customer_id,
    order_id::varchar as invoice_id,
    order_date::timestamp as invoiced_at,
    order_date::date as invoiced_on,
    revenue::decimal(18, 2) as amount,
    null::decimal(18, 2) as list_amount
from orders
where order_date::date <= (select as_of_date from control)
"""

SPINE = """
create table customer_spine as
select distinct customer_id, as_of_date, true as orders_are_known
from int_customers__invoice_lines, control
"""

KEPT = """
create table rfm_cut_points (
    metric varchar, q20 double, q40 double, q60 double, q80 double,
    fitted_on date, fitted_customers bigint
)
"""

KEEP = """
insert into rfm_cut_points
select metric, q20, q40, q60, q80, as_of_date, null from given_cut_points, control
"""

FOUND = """
select
    customer_id, recency_days, orders_total as frequency, monetary,
    r_score, f_score, m_score, rfm_class
from order_features inner join rfm_scores using (customer_id, as_of_date)
order by customer_id
"""


HISTORY = """
select order_features.*, repeat_frequency, days_between_orders, came_back
from order_features inner join order_rhythm using (customer_id, as_of_date)
order by customer_id
"""


def rfm(orders: Any, as_of: date, cut_points: Any = None, classes: Any = None) -> Any:
    """Score every customer with an order up to `as_of`; 5 is best.

    Args:
        orders: a table (pandas, Arrow, DuckDB) with customer_id, order_date, revenue
            (negative = a refund) and order_id; without it each row is an order.
        as_of: the day that recency is counted to.
        cut_points: a table (metric, q20, q40, q60, q80) that was fitted before; else
            the quintiles of these orders.
        classes: a table like the seed `rfm_classes`, to be used in its place.

    Returns an Arrow table: customer_id, recency_days, frequency, monetary, r_score,
    f_score, m_score, rfm_class.
    """
    with _orders(orders, as_of) as connection:
        connection.execute(KEPT)
        load_seeds(connection, "rfm_classes")
        if cut_points is not None:
            connection.register("given_cut_points", cut_points)
            connection.execute(KEEP)
        if classes is not None:
            connection.register("given_classes", classes)
            connection.execute(
                "create or replace table rfm_classes as from given_classes"
            )
        build_models(connection, "rfm_cuts", "rfm_scores")
        return connection.sql(FOUND).to_arrow_table()


def order_history(orders: Any, as_of: date) -> Any:
    """The order features of every customer with an order up to `as_of`.

    Takes the orders of `rfm`. Returns an Arrow table with the columns of the models
    order_features and order_rhythm, amounts in the unit of `revenue`.
    """
    with _orders(orders, as_of) as connection:
        build_models(connection, "order_rhythm")
        return connection.sql(HISTORY).to_arrow_table()


@contextmanager
def _orders(orders: Any, as_of: date) -> Iterator[duckdb.DuckDBPyConnection]:
    with plain_night(as_of, given=orders) as connection:
        columns = [row[0] for row in connection.execute("describe given").fetchall()]
        number = "" if "order_id" in columns else ", row_number() over () as order_id"
        connection.execute(f"create temp view orders as select *{number} from given")
        connection.execute(LINES)
        connection.execute(SPINE)
        load_seeds(connection, "thresholds")
        build_models(connection, "order_features")
        yield connection
