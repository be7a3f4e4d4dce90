"""The product's churn model on IBM's telco customers, whose AUC is published.

Fit and prediction are those of the nights; a prediction is the SQL of risk_features.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv
from sklearn.model_selection import StratifiedKFold

from dagster_project.features import churn
from dagster_project.features.churn_quality import Metrics, calibration, measured

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ibm_telco_churn"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the telco data (../shared/data) is not here"
    ),
]

NUMBERS = {
    "tenure": "log",
    "MonthlyCharges": "plain",
    "TotalCharges": "log",
    "SeniorCitizen": "plain",
}
FOLDS = 5


@pytest.fixture(scope="module")
def customers() -> pa.Table:
    """7,043 customers; the 11 that were never billed have no total charges."""
    blank = csv.ConvertOptions(null_values=[" "])
    table = csv.read_csv(DATA / "telco_customer_churn.csv", convert_options=blank)
    return table.append_column("left", pc.equal(table["Churn"], "Yes"))


@pytest.fixture(scope="module")
def categories(customers) -> list[str]:
    """Every other column but the id and the outcome."""
    own = {*NUMBERS, "customerID", "Churn", "left"}
    return [name for name in customers.column_names if name not in own]


@pytest.fixture(scope="module", params=[3, pytest.param(10, marks=pytest.mark.soak)])
def repeats(request) -> int:
    """How often the customers are parted into folds; ten times in the publication."""
    return request.param


@pytest.fixture(scope="module")
def figures(customers, categories, repeats) -> list[Metrics]:
    """Of each fold of repeated five-fold cross-validation, on what it had not seen."""
    left = customers["left"].cast(pa.int8()).to_numpy()
    found = []
    for seed in range(repeats):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        for train, test in folds.split(left, left):
            seen, unseen = customers.take(train), customers.take(test)
            model = churn.fit(seen, "left", NUMBERS, categories)
            predicted = model.predict(unseen)
            found.append(
                measured(predicted, left[test]) | calibration(predicted, left[test])
            )
    return found


def mean(figures: list[Metrics], name: str) -> float:
    return float(np.mean([one[name] for one in figures]))


def test_the_data_is_the_published_one(customers):
    reference = json.loads((DATA / "reference.json").read_text(encoding="utf-8"))
    assert len(customers) == reference["rows"]
    assert pc.sum(customers["left"]).as_py() == reference["churned"]
    assert customers["TotalCharges"].null_count == reference["blank_TotalCharges"]


def test_the_mean_auc_is_at_least_that_of_published_logistic_regressions(
    figures, repeats
):
    reference = json.loads((DATA / "reference.json").read_text(encoding="utf-8"))
    published, _ = reference["logistic_regression_5fold_auc (computed)"]
    assert len(figures) == repeats * FOLDS
    assert mean(figures, "auc") >= 0.840
    assert mean(figures, "auc") == pytest.approx(published, abs=0.007)
    assert mean(figures, "brier") < 0.14
    assert mean(figures, "lift_10") > 2.7


def test_each_tenth_of_the_customers_leaves_about_as_often_as_predicted(figures):
    bins = range(1, 11)
    predicted = [mean(figures, f"bin_{n:02d}_predicted") for n in bins]
    observed = [mean(figures, f"bin_{n:02d}_observed") for n in bins]
    assert predicted == sorted(predicted)
    assert max(abs(p - o) for p, o in zip(predicted, observed, strict=True)) < 0.04


def test_a_calibration_learned_elsewhere_changes_next_to_nothing(customers, categories):
    first, second, third = (
        customers.filter(pc.equal(pc.bit_wise_and(pa.array(range(7043)), 3), part))
        for part in range(3)
    )
    model = churn.fit(first, "left", NUMBERS, categories)
    done = churn.calibrate(model, second, "left")
    assert (0.8 < done.slope < 1.2) and abs(done.offset) < 0.2
    left = third["left"].cast(pa.int8()).to_numpy()
    assert measured(done.predict(third), left)["brier"] < 0.145


def test_what_drives_customers_away_is_what_everybody_found(customers, categories):
    weights = churn.fit(customers, "left", NUMBERS, categories).weights
    contracts = ["Two year", "One year", "Month-to-month"]
    by_contract = [weights[f"Contract={name}"] for name in contracts]
    assert by_contract == sorted(by_contract)
    assert weights["InternetService=Fiber optic"] > weights["InternetService=DSL"]
