"""The fit, the very SQL that scores, and the numbers that go from night to night."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from dagster_project.features import churn, churn_encoding
from dagster_project.features.churn_model import ChurnModel
from dagster_project.features.churn_quality import calibration, measured

ROWS = 3_000
NUMBERS = {"visits": "log", "mood": "plain", "failures": "log", "constant": "plain"}
CATEGORIES = ["plan", "region"]


def people(seed: int = 7, rows: int = ROWS) -> pa.Table:
    """Who visits seldom, is in a bad mood or has the free plan leaves more often."""
    draw = np.random.default_rng(seed)
    visits = draw.negative_binomial(1, 0.1, rows).astype(float)
    mood = draw.normal(0, 2, rows)
    failures = (draw.random(rows) < 0.004).astype(float)
    plan = draw.choice(["free", "basic", "pro"], rows, p=[0.3, 0.5, 0.2])
    odds = 0.5 - np.log1p(visits) - 0.4 * mood + 1.0 * (plan == "free") + 2 * failures
    left = draw.random(rows) < 1 / (1 + np.exp(-odds))
    is_known = draw.random(rows) < 0.8
    region = [None if x < 0.2 else f"r{int(x * 5)}" for x in draw.random(rows)]
    region[:3] = ["a rare one"] * 3
    return pa.table(
        {
            "visits": visits,
            "mood": pa.array(mood, mask=~is_known),
            "failures": failures,
            "constant": np.ones(rows),
            "plan": plan,
            "region": region,
            "left": left,
        }
    )


@pytest.fixture(scope="module")
def model() -> ChurnModel:
    return churn.fit(people(), "left", NUMBERS, CATEGORIES)


def scikit_learns(model: ChurnModel) -> tuple[LogisticRegression, np.ndarray]:
    """A regression of its own on the matrix of the model."""
    rows = churn_encoding.matrix(people(), model.numbers, model.levels)
    left = people()["left"].cast(pa.int8()).to_numpy()
    solver = LogisticRegression(C=churn.C, solver="newton-cholesky")
    return solver.fit(rows, left), rows


def test_the_sql_gives_the_probabilities_of_scikit_learn(model):
    theirs, rows = scikit_learns(model)
    ours = model.predict(people())
    assert abs(theirs.predict_proba(rows)[:, 1] - ours).max() < 1e-8
    # With the nine digits that a release keeps the two are one.
    missing = [x.missing for x in model.numbers if x.is_sometimes_missing]
    weights = (
        [x.weight for x in model.numbers],
        missing,
        [x.weight for x in model.levels],
    )
    theirs.coef_ = np.array([sum(map(list, weights), [])])
    theirs.intercept_ = np.array([model.intercept])
    assert abs(theirs.predict_proba(rows)[:, 1] - ours).max() < 1e-12


def test_a_calibrated_probability_is_that_of_scikit_learn(model):
    later = people(seed=8)
    done = churn.calibrate(model, later, "left")
    bare = model.predict(later)
    odds = np.log(bare / (1 - bare)).reshape(-1, 1)
    left = later["left"].cast(pa.int8()).to_numpy()
    theirs = LogisticRegression(C=np.inf, solver="newton-cholesky").fit(odds, left)
    assert abs(theirs.predict_proba(odds)[:, 1] - done.predict(later)).max() < 1e-9
    assert 0.8 < done.slope < 1.2
    assert done.numbers == model.numbers


def test_a_model_is_the_same_after_a_release_whatever_the_order_of_its_rows(model):
    done = churn.calibrate(model, people(seed=8), "left")
    rows = sorted(done.to_rows(), key=lambda row: row["name"])
    again = ChurnModel.from_rows([{**row, "champion_id": "x"} for row in rows])
    assert again.weights == done.weights
    assert abs(again.predict(people()) - done.predict(people())).max() < 1e-12
    assert all(row["value"] == float(f"{row['value']:.9g}") for row in rows)


def test_what_tells_nobody_apart_has_no_weight_and_what_is_rare_still_has_one(model):
    assert [one.feature for one in model.numbers] == ["visits", "mood", "failures"]
    failures = model.numbers[2]
    assert (failures.low, failures.high) == (0, pytest.approx(np.log(2)))
    assert failures.weight > 0
    assert "region=a rare one" not in model.weights
    assert "region=(unknown)" in model.weights


def test_a_number_that_is_not_known_has_a_weight_of_its_own(model):
    assert [x.feature for x in model.numbers if x.is_sometimes_missing] == ["mood"]
    unknown = people().set_column(1, "mood", pa.nulls(ROWS, pa.float64()))
    average = people().set_column(1, "mood", pa.array([model.numbers[1].center] * ROWS))
    odds = [np.log(p / (1 - p)) for p in map(model.predict, (unknown, average))]
    assert odds[0] - odds[1] == pytest.approx(model.numbers[1].missing)


def test_a_value_beyond_the_percentiles_counts_like_the_percentile(model):
    most = people().set_column(0, "visits", pa.array([1e9] * ROWS))
    edge = people().set_column(
        0, "visits", pa.array([np.expm1(model.numbers[0].high)] * ROWS)
    )
    assert abs(model.predict(most) - model.predict(edge)).max() < 1e-12


def test_a_level_that_was_never_seen_has_no_weight(model):
    new = people().set_column(5, "region", pa.array(["never seen"] * ROWS))
    rare = people().set_column(5, "region", pa.array(["a rare one"] * ROWS))
    assert (model.predict(new) == model.predict(rare)).all()


def test_odds_beyond_measure_are_certain_rather_than_an_error():
    model = ChurnModel(5000.0)
    assert model.predict({"x": [1.0]})[0] == pytest.approx(1)
    assert ChurnModel(-5000.0).predict({"x": [1.0]})[0] == pytest.approx(0)


@pytest.mark.parametrize("left", [True, False])
def test_nothing_is_learned_when_everybody_or_nobody_left(left):
    with pytest.raises(ValueError, match="nobody or everybody"):
        churn.fit({"x": [1.0, 2.0], "left": [left, left]}, "left", ["x"])


def test_the_figures_of_a_prediction_made_by_hand():
    predicted = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    left = np.array([0, 0, 1, 0, 0, 0, 1, 0, 1, 1])
    found = measured(predicted, left)
    # Of 24 pairs of one that left and one that stayed, 19 are in the right order.
    assert found["auc"] == pytest.approx((2 + 5 + 6 + 6) / 24)
    errors = [0.1, 0.2, 0.7, 0.4, 0.5, 0.6, 0.3, 0.8, 0.1, 0.0]
    assert found["brier"] == pytest.approx(sum(e * e for e in errors) / 10)
    assert found["brier_of_the_base_rate"] == pytest.approx(0.24)
    assert (found["base_rate"], found["lift_10"]) == (0.4, 2.5)
    table = calibration(np.repeat(predicted, 2), np.repeat(left, 2))
    assert table["bin_03_rows"] == 2
    assert table["bin_03_predicted"] == pytest.approx(0.3)
    assert table["bin_03_observed"] == 1
