"""Tonight's customers as grouped counts: all that the models of value are fitted on."""

import duckdb
import numpy as np

from dagster_project.features.clv_search import Floats

Columns = dict[str, Floats]

# Every query is ordered: sums of doubles must not depend on the order of rows.
ORDERS = """
select
    repeat_purchases as frequency,
    first_to_last_days / 7.0 as recency,
    observed_days / 7.0 as observed,
    count(*) as customers
from features.customer_purchases group by all order by all
"""

# As it was 90 days ago, with what was bought since.
ORDERS_90D_AGO = """
select
    repeat_purchases - purchases_90d as frequency,
    first_to_last_days_90d_ago / 7.0 as recency,
    (observed_days - 90) / 7.0 as observed,
    count(*) as customers,
    sum(purchases_90d) as bought
from features.customer_purchases where observed_days >= 90 group by all order by all
"""

SPEND = """
select
    repeat_purchases + 1 as frequency,
    round(spend / (repeat_purchases + 1), 2) as mean,
    count(*) as customers
from features.customer_purchases where repeat_purchases > 0 group by all order by all
"""

# What refunds leave of the spend.
KEPT_SHARE = """
select coalesce(
    greatest(0, 1 - cast(sum(refunds) as double) / cast(sum(spend) as double)), 1
)
from features.customer_purchases
"""

CONTRACTS = """
select renewals, cast(has_ended as integer) as has_ended, count(*) as customers
from features.contract_spells group by all order by all
"""

MINIMUM = "select threshold, value from seeds.thresholds where threshold like 'clv%'"


def fetch(connection: duckdb.DuckDBPyConnection, query: str) -> Columns:
    """The result of a query as arrays of doubles."""
    found = connection.execute(query).fetchnumpy()
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def kept_share(connection: duckdb.DuckDBPyConnection) -> float:
    """The share of the spend that is not refunded, 0 to 1."""
    shares = connection.execute(KEPT_SHARE).fetchall()
    return float(shares[0][0]) if shares else 1.0


def minimum(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The thresholds of the models of value."""
    return {
        str(name): float(value)
        for name, value in connection.execute(MINIMUM).fetchall()
    }
