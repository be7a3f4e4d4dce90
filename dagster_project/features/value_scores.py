"""The stage of value: which models value customers tonight, and what they expect."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from dagster_project.features.value_models import Outcome, ValueModel

PREVIOUS = "select * from release.score_models"
CURRENCY = "select reporting_currency from night.control"

Fits = Mapping[str, Callable[[], "Outcome"]]


def fit_value(
    connection: duckdb.DuckDBPyConnection, as_of: date
) -> list[dict[str, Any]]:
    """Fit or keep the models of value and write what they expect.

    Reads `features.customer_purchases` and `features.contract_spells`; writes rows of
    `scores.score_models` and three tables of expectations. Where there is no model the
    features fall back to a rule of thumb: the night goes on.
    """
    with _one_thread():
        models = _champions(connection, as_of)
        _write_expectations(connection, models)
    rows = [row for model in models.values() for row in model.to_rows()]
    places = ", ".join("?" for _ in rows[0])
    connection.executemany(f"insert into scores.score_models values ({places})", rows)
    return [model.decision for model in models.values()]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one order: with more threads the last digits of a fit differ."""
    import scipy.special  # noqa: F401 - the limit reaches loaded libraries only
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def _champions(
    connection: duckdb.DuckDBPyConnection, as_of: date
) -> dict[str, "ValueModel"]:
    from dagster_project.features.value_models import champion, from_rows
    from dagster_project.features.value_statistics import minimum

    wanted = minimum(connection)
    found = connection.execute(PREVIOUS)
    names = [column[0] for column in found.description or []]
    earlier = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    currency = connection.execute(CURRENCY).fetchall()
    return {
        name: champion(
            name,
            from_rows(earlier, name),
            as_of,
            wanted["clv_refit_after_days"],
            str(currency),
            fit,
        )
        for name, fit in _fits(connection, wanted).items()
    }


def _fits(connection: duckdb.DuckDBPyConnection, wanted: Mapping[str, float]) -> Fits:
    # scipy takes long to load: only nights pay for it.
    from dagster_project.features import value_fits as fits
    from dagster_project.features import value_statistics as known
    from dagster_project.features.value_contracts import fit_contracts

    def columns(query: str) -> known.Columns:
        return known.fetch(connection, query)

    return {
        "bg_nbd": lambda: fits.fit_orders(
            columns(known.ORDERS), columns(known.ORDERS_90D_AGO), wanted
        ),
        "gamma_gamma": lambda: fits.fit_spend(
            columns(known.SPEND), known.kept_share(connection), wanted
        ),
        "shifted_beta_geometric": lambda: fit_contracts(
            columns(known.CONTRACTS), wanted
        ),
    }


def _write_expectations(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, "ValueModel"]
) -> None:
    from dagster_project.features import value_tables as tables

    orders, spend, contracts = (
        models[name].outcome.parameters
        for name in ("bg_nbd", "gamma_gamma", "shifted_beta_geometric")
    )
    tables.write_purchase_expectations(connection, orders)
    tables.write_spend_bounds(connection, orders, spend)
    tables.write_contract_expectations(connection, contracts)
