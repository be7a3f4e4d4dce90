"""What the models of value expect, per group of customers, as tables for the features.

A table is empty when its model is not there.
"""

from collections.abc import Mapping

import duckdb
import numpy as np

from dagster_project.features import clv
from dagster_project.features.clv_forecast import expected_if_alive, most_purchases
from dagster_project.features.clv_search import Floats
from dagster_project.features.value_statistics import Columns, fetch

Parameters = Mapping[str, float]

YEAR = 365 / 7
# Low and high: one of ten outcomes lies below, one of ten above.
LOW, HIGH = 0.1, 0.9
ALIVE_STEPS = 50
MONTHS = 12

PURCHASES = """
select distinct repeat_purchases, observed_days
from features.customer_purchases order by all
"""
SPANS = """
select distinct repeat_purchases, floor(observed_days / 28.0) as observed_28d
from features.customer_purchases order by all
"""
TENURES = "select distinct renewals from features.contract_spells order by all"


def write_purchase_expectations(
    connection: duckdb.DuckDBPyConnection, orders: Parameters
) -> None:
    """Write `scores.purchase_expectations`: purchases of who is still there."""
    groups = fetch(connection, PURCHASES) if orders else {}
    x = groups.get("repeat_purchases", np.empty(0))
    days = groups.get("observed_days", np.empty(0))
    expected = {
        # More than one purchase a day is none: purchases are counted in days.
        f"purchases_{horizon}d": np.minimum(
            expected_if_alive(bg_nbd(orders), horizon / 7, x, days / 7), horizon
        )
        for horizon in (90, 365)
    }
    keys = {"repeat_purchases": x, "observed_days": days}
    _write(connection, "purchase_expectations", keys, expected)


def write_spend_bounds(
    connection: duckdb.DuckDBPyConnection, orders: Parameters, spend: Parameters
) -> None:
    """Write `scores.spend_bounds`: low and high spend of a year.

    One row per purchases, four weeks of observation and fiftieth of being alive, in
    units of gamma plus what was spent so far.
    """
    known = bool(orders and spend)
    groups = fetch(connection, SPANS) if known else {}
    x = groups.get("repeat_purchases", np.empty(0))
    spans = groups.get("observed_28d", np.empty(0))
    steps = np.arange(ALIVE_STEPS + 1, dtype=np.float64)
    bounds = [
        _bounds(orders, spend, count, span, steps / ALIVE_STEPS)
        for count, span in zip(x, spans, strict=True)
    ]
    size = len(steps)
    keys = {
        "repeat_purchases": np.repeat(x, size),
        "observed_28d": np.repeat(spans, size),
        "alive_in_50": np.tile(steps, len(x)),
    }
    both = np.concatenate(bounds, axis=1) if bounds else np.empty((2, 0))
    _write(connection, "spend_bounds", keys, {"low": both[0], "high": both[1]})


def _bounds(
    orders: Parameters, spend: Parameters, x: float, span: float, alive: Floats
) -> Floats:
    model, weeks = bg_nbd(orders), (span * 28 + 14) / 7
    # Nobody has more days to buy on than the year has.
    most = min(most_purchases(model, YEAR, x, weeks), 365)
    chances = clv.purchase_probabilities(model, YEAR, x, weeks, most)
    chances[-1] += max(0.0, 1 - chances.sum())
    money = clv.GammaGamma(spend["p"], spend["q"], spend["gamma"])
    return clv.spend_bounds(money, x + 1, chances, alive, (LOW, HIGH))


def write_contract_expectations(
    connection: duckdb.DuckDBPyConnection, contracts: Parameters
) -> None:
    """Write `scores.contract_expectations`: payments of the next 12 months.

    One row per renewals survived and renewals that may still come before an end that is
    already known (12 without one).
    """
    tenures = fetch(connection, TENURES)["renewals"] if contracts else np.empty(0)
    if contracts:
        tenures = np.union1d(tenures, [0.0])
    model = clv.ShiftedBetaGeometric(
        contracts.get("alpha", np.nan), contracts.get("beta", np.nan)
    )
    ahead = np.arange(MONTHS + 1, dtype=np.float64)
    stays = clv.survival(model, ahead, tenures[:, None])
    possible = (ahead[None, :] <= ahead[:, None]) & (ahead[None, :] > 0)
    paid = possible[None, :, :] * stays[:, None, :]
    keys = {
        "renewals": np.repeat(tenures, MONTHS + 1),
        "renewals_ahead": np.tile(ahead, len(tenures)),
    }
    numbers = {
        "payments": paid.sum(axis=2).ravel(),
        "low": (paid >= 1 - LOW).sum(axis=2).ravel(),
        "high": (paid >= 1 - HIGH).sum(axis=2).ravel(),
        "survival_12m": np.repeat(stays[:, MONTHS], MONTHS + 1),
    }
    _write(connection, "contract_expectations", keys, numbers)


def bg_nbd(parameters: Parameters) -> clv.BgNbd:
    """The model of some parameters, in weeks; of none, one that knows nothing."""
    r, alpha, a, b = (parameters.get(n, np.nan) for n in ("r", "alpha", "a", "b"))
    return clv.BgNbd(r, alpha, a, b)


def _write(
    connection: duckdb.DuckDBPyConnection, table: str, keys: Columns, numbers: Columns
) -> None:
    import pyarrow as pa

    columns = {name: pa.array(v.astype(np.int64)) for name, v in keys.items()}
    columns |= {name: pa.array(v.astype(np.float64)) for name, v in numbers.items()}
    connection.register("expectations", pa.table(columns))
    connection.execute(
        f"create or replace table scores.{table} as select * from expectations"
    )
    connection.unregister("expectations")
