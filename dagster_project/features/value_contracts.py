"""The fit to subscriptions of a night and what makes it not to be trusted.

Works on grouped counts; reads no customer.
"""

from collections.abc import Mapping

import numpy as np

from dagster_project.features import clv
from dagster_project.features.clv_search import Floats
from dagster_project.features.value_models import Outcome, round_off, too_little

Columns = Mapping[str, Floats]
Minimum = Mapping[str, float]

SMALLEST = 1e-4
# Survival may differ by so much from what was observed.
WORST_SURVIVAL = 0.1


def fit_contracts(groups: Columns, minimum: Minimum) -> Outcome:
    """Shifted beta-geometric in months, held against the observed survival."""
    weights, left = groups["customers"], groups["has_ended"] > 0
    contracts, ended = int(weights.sum()), int(weights[left].sum())
    for name, found in {"contracts": contracts, "ended_contracts": ended}.items():
        if refused := too_little(name, found, minimum):
            return refused
    model = clv.fit_shifted_beta_geometric(groups["renewals"], left, weights)
    months, observed = observed_survival(groups)
    error = np.abs(clv.survival(model, months) - observed).max(initial=0.0)
    metrics = {
        "log_likelihood": round_off(model.log_likelihood),
        "survival_error": round_off(float(error)),
    }
    if min(model[:2]) < SMALLEST:
        return Outcome({}, metrics, contracts, "a parameter has no maximum")
    if error > WORST_SURVIVAL:
        problem = f"survival is {error:.2f} away from the observed one"
        return Outcome({}, metrics, contracts, problem)
    return Outcome({"alpha": model.alpha, "beta": model.beta}, metrics, contracts)


def observed_survival(groups: Columns, least: float = 30) -> tuple[Floats, Floats]:
    """Kaplan-Meier per renewal, as long as that many contracts can be observed."""
    months = np.arange(1, groups["renewals"].max(initial=0.0) + 1)
    weights, left = groups["customers"], groups["has_ended"] > 0
    reached = groups["renewals"][None, :] >= months[:, None]
    at_risk = reached @ weights
    gone = (groups["renewals"][None, :] == months[:, None]) @ (weights * left)
    enough = at_risk >= least
    survival = np.cumprod(1 - gone[enough] / at_risk[enough])
    return months[enough], survival
