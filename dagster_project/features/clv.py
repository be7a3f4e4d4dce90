"""Customer lifetime value on plain data: the models behind the features of value.

Only the names that callers use; each model lives in a module of its own.
"""

from dagster_project.features.clv_contracts import (
    ShiftedBetaGeometric,
    expected_payments,
    fit_shifted_beta_geometric,
    survival,
)
from dagster_project.features.clv_forecast import (
    expected_purchases,
    p_alive,
    purchase_probabilities,
)
from dagster_project.features.clv_purchases import (
    BgNbd,
    fit_bg_nbd,
)
from dagster_project.features.clv_spend import (
    GammaGamma,
    expected_order_value,
    fit_gamma_gamma,
    spend_bounds,
)

__all__ = [
    "BgNbd",
    "GammaGamma",
    "ShiftedBetaGeometric",
    "expected_order_value",
    "expected_payments",
    "expected_purchases",
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_shifted_beta_geometric",
    "p_alive",
    "purchase_probabilities",
    "spend_bounds",
    "survival",
]
