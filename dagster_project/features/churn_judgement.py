"""Whether a churn model may score: degenerate, useless, too good to be true, worse."""

from collections.abc import Mapping

import pyarrow as pa

from dagster_project.features.churn_model import ChurnModel
from dagster_project.features.churn_quality import calibration, measured

# Log-odds per standard deviation; nothing that really drives customers away comes near.
HEAVIEST = 10.0

Limits = Mapping[str, float]


def judged(model: ChurnModel, rows: pa.Table) -> dict[str, float]:
    """The figures of a model on rows that it has not seen."""
    predicted = model.predict(rows)
    left = rows["has_left"].cast(pa.int8()).to_numpy()
    return measured(predicted, left) | calibration(predicted, left)


def largest_change(before: ChurnModel, now: ChurnModel) -> tuple[str, float]:
    """The weight that moved most between two models, in log-odds."""
    old, new = before.weights, now.weights
    moved = {n: abs(new.get(n, 0.0) - old.get(n, 0.0)) for n in sorted({*old, *new})}
    name = max(moved, key=lambda one: moved[one], default="")
    return name, moved.get(name, 0.0)


def unfit(model: ChurnModel, metrics: Mapping[str, float], limits: Limits) -> str:
    """Why a model may not score at all: degenerate, no use, or too good to be true."""
    weights = model.weights | {"intercept": model.intercept, "offset": model.offset}
    heavy = [n for n, w in weights.items() if not abs(w) <= HEAVIEST]
    if heavy:
        return f"degenerate: the weight of {heavy[0]} is {weights[heavy[0]]:.3g}"
    if not 0 < model.slope <= HEAVIEST:
        return f"degenerate: the slope of the calibration is {model.slope:.3g}"
    auc = metrics["auc"]
    if auc > limits["maximum_auc"]:
        return f"AUC {auc:.3f} is too good to be true: a feature knows the outcome"
    if auc < limits["minimum_auc"]:
        return f"AUC {auc:.3f} is less than {limits['minimum_auc']:g}"
    if metrics["brier"] >= metrics["brier_of_the_base_rate"]:
        return "probabilities are no better than the base rate"
    return ""


def worse(
    metrics: Mapping[str, float], before: Mapping[str, float], limits: Limits
) -> str:
    """Why a challenger does not replace the champion, measured on the same rows."""
    if not before:
        return ""
    if metrics["auc"] < before["auc"] - limits["auc_tolerance"]:
        return f"AUC {metrics['auc']:.4f} is less than the {before['auc']:.4f} of today"
    if metrics["brier"] > before["brier"] * (1 + limits["brier_tolerance"]):
        return (
            f"Brier {metrics['brier']:.5f} is above the {before['brier']:.5f} of today"
        )
    return ""
