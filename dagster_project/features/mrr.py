"""Movements of monthly recurring revenue of plain periods, by the SQL of the night."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb

from dagster_project.features.plain_data import build_models, plain_night

PERIODS = """
create table int_billing__subscription_periods as
select
    {subscription_id} as subscription_id,
    {subscription_id} as agreement_id,
    customer_id::varchar as billing_customer_id,
    null::varchar as currency,
    starts_on::date as starts_on,
    ends_on::date as ends_on,
    monthly_amount::decimal(18, 4) as monthly_amount,
    {plan} as plan,
    null::varchar as tier,
    {status} as status
from periods
"""

# Every customer pays in one currency, the reporting one.
IDENTITY = """
create table int_identity__billing_persons as
select distinct billing_customer_id, billing_customer_id as unit
from int_billing__subscription_periods;
create table int_identity__customers as
select unit, unit as customer_id from int_identity__billing_persons;
update int_billing__subscription_periods set currency = 'EUR';
create table int_billing__rates as
select 'EUR' as currency, date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to, 1::decimal(18, 8) as rate;
update control set reporting_currency = 'EUR';
"""

LAST_DAY = "select max(greatest(starts_on::date, ends_on::date)) from periods"

MODELS = ("int_customers__subscriptions", "customer_mrr_monthly", "mrr_movements")


def mrr_movements(periods: Any, as_of: date | None = None) -> Any:
    """The movements of MRR: start of a month + movements = its end.

    Args:
        periods: a table (pandas, Arrow, DuckDB) with customer_id, starts_on, ends_on
            (exclusive, NULL = open), monthly_amount; optional subscription_id, plan and
            status.
        as_of: the last day that is known; else the last day that the periods name.

    Returns an Arrow table: customer_id, month, kind, amount, mrr_before, mrr_after.
    """
    with _months(periods, as_of) as connection:
        return connection.sql(
            "select customer_id, month, kind, amount, mrr_before, mrr_after "
            "from mrr_movements order by customer_id, month"
        ).to_arrow_table()


def revenue_metrics(periods: Any, as_of: date | None = None) -> Any:
    """The rows of `revenue_metrics_monthly` of the same periods, as an Arrow table."""
    with _months(periods, as_of) as connection:
        build_models(connection, "revenue_metrics_monthly")
        return connection.sql(
            "from revenue_metrics_monthly order by month"
        ).to_arrow_table()


@contextmanager
def _months(periods: Any, as_of: date | None) -> Iterator[duckdb.DuckDBPyConnection]:
    with plain_night(as_of or date.max, periods=periods) as connection:
        if as_of is None:
            connection.execute(f"update control set as_of_date = ({LAST_DAY})")
        connection.execute(PERIODS.format(**_optional(connection)))
        connection.execute(IDENTITY)
        build_models(connection, *MODELS)
        yield connection


def _optional(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    columns = [row[0] for row in connection.execute("describe periods").fetchall()]
    absent = {
        "subscription_id": "(row_number() over ())::varchar",
        "plan": "null::varchar",
        "status": "null::varchar",
    }
    return {
        name: f"{name}::varchar" if name in columns else otherwise
        for name, otherwise in absent.items()
    }
