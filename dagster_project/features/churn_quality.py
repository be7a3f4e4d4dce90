"""How good predictions were on customers and dates that the model had not seen.

Numbers in, numbers out: no engine and no customers here.
"""

import numpy as np

BINS = 10
TOP_SHARE = 0.1

Metrics = dict[str, float]


def measured(predicted: np.ndarray, left: np.ndarray) -> Metrics:
    """AUC, Brier score, base rate and lift of the tenth with the highest predictions.

    `left` holds 0 and 1 (both). Brier score: mean squared error of the probability;
    `brier_of_the_base_rate` is what one gets by giving everybody the base rate.
    """
    from sklearn.metrics import brier_score_loss, roc_auc_score

    rate = float(left.mean())
    first = by_prediction(predicted)[::-1][: max(1, round(TOP_SHARE * len(left)))]
    return {
        "auc": float(roc_auc_score(left, predicted)),
        "brier": float(brier_score_loss(left, predicted)),
        "brier_of_the_base_rate": rate * (1 - rate),
        "base_rate": rate,
        "lift_10": float(left[first].mean()) / rate,
        "rows": float(len(left)),
        "rows_that_left": float(left.sum()),
    }


def calibration(predicted: np.ndarray, left: np.ndarray) -> Metrics:
    """Ten equal groups by prediction: how many, mean prediction, share that left."""
    table: Metrics = {}
    groups = np.array_split(by_prediction(predicted), BINS)
    for number, rows in enumerate(groups, start=1):
        if len(rows):
            table[f"bin_{number:02d}_rows"] = float(len(rows))
            table[f"bin_{number:02d}_predicted"] = float(predicted[rows].mean())
            table[f"bin_{number:02d}_observed"] = float(left[rows].mean())
    return table


def by_prediction(predicted: np.ndarray) -> np.ndarray:
    """The rows from the lowest to the highest prediction; equal ones as they came."""
    return np.argsort(predicted, kind="stable")
