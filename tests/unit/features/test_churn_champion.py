"""Who scores tonight: too little history, the first fit, kept, promoted, rejected."""

from datetime import date, timedelta

import pytest

from dagster_project.errors import DeclarationError
from dagster_project.features import churn_champion, churn_history
from dagster_project.features.churn_rows import read_standing
from tests.unit.features.churn_world import (
    TONIGHT,
    change,
    metrics,
    night,
    publish,
    small_history,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first():
    """A first night with enough history, published."""
    connection = small_history()
    decision = night(connection)
    publish(connection)
    return connection, decision


@pytest.fixture
def later(first):
    """A database of its own after the first night."""
    connection, _ = first
    copy = small_history()
    copy.register(
        "published", connection.table("release.score_models").to_arrow_table()
    )
    copy.execute("create or replace table release.score_models as from published")
    return copy


def test_a_first_model_is_fitted_on_older_dates_and_tested_on_later_ones(first):
    connection, decision = first
    assert decision["decision"] == "first"
    found = metrics(connection)
    assert 0.65 < found["auc"] < 0.85
    assert found["brier"] < found["brier_of_the_base_rate"]
    assert found["lift_10"] > 1.5
    assert sum(found[f"bin_{n:02d}_rows"] for n in range(1, 11)) == found["rows"]
    assert abs(found["bin_10_predicted"] - found["bin_10_observed"]) < 0.1
    notes = dict(
        connection.execute(
            "select name, note from scores.score_models where kind = 'metric'"
        ).fetchall()
    )
    # 22 dates have an outcome, the latest 4 test; 90 days before them learning ends.
    assert notes["dates_tested"] == "2025-07-31 to 2025-10-31"
    assert notes["dates_learned"] == "2024-01-31 to 2025-04-30"


def test_learning_ends_a_whole_window_before_the_first_tested_date():
    dates = [date(2025, 1, 1) + timedelta(days=day) for day in range(200)]
    parts = churn_history.split(dates, 90)
    assert parts.tested == dates[-6:]
    assert parts.learned[-1] == parts.tested[0] - timedelta(days=90)
    assert churn_history.split([], 90) == churn_history.Split([], [])


def test_only_dates_whose_window_is_over_have_an_outcome(first):
    connection, _ = first
    found = churn_history.labelled_dates(connection, date(2025, 9, 28), 90)
    assert found[-1] == date(2025, 6, 30)
    found = churn_history.labelled_dates(connection, date(2025, 9, 27), 90)
    assert found[-1] == date(2025, 5, 31)


def test_the_same_history_gives_the_same_model_whatever_the_order_of_rows(first):
    _, decision = first
    other = small_history()
    for table in ("features.customer_states", "features.churn_labels"):
        other.execute(
            f"create or replace table {table} as "
            f"select * from {table} order by md5(customer_id || 'shuffled')"
        )
    other.execute("set threads = 1")
    assert night(other)["champion_id"] == decision["champion_id"]


def test_dates_that_earlier_nights_recorded_count_like_computed_ones(first):
    _, decision = first
    other = small_history()
    earlier = "as_of_date < '2025-12-31'"
    other.execute(
        "insert into release.customer_features_monthly by name "
        "select * exclude (customer_id, as_of_date), 'old ' || customer_id as "
        "customer_id, as_of_date as month_end "
        f"from features.customer_states where {earlier}"
    )
    for table in ("features.customer_states", "night.as_of_dates"):
        other.execute(f"delete from {table} where {earlier}")
    other.execute(
        "update features.churn_labels set is_recorded = true, "
        f"recorded_id = 'old ' || customer_id where {earlier}"
    )
    assert night(other)["champion_id"] == decision["champion_id"]


def test_nothing_known_after_the_tested_window_moves_the_model(first):
    _, decision = first
    other = small_history()
    other.execute(
        "delete from features.customer_states where as_of_date > '2025-10-31'"
    )
    other.execute(
        "update features.churn_labels set has_left = true "
        "where as_of_date > '2025-11-02'"
    )
    assert night(other)["champion_id"] == decision["champion_id"]


def test_a_model_is_kept_until_its_time_is_up_and_then_challenged(first, later):
    before = read_standing(later)
    decision = night(later, days=29)
    assert decision["decision"] == "kept"
    assert decision["champion_id"] == first[1]["champion_id"]
    after = later.execute(
        "select distinct status, fitted_on, challenged_on from scores.score_models"
    ).fetchall()
    assert after == [("kept", TONIGHT, TONIGHT)]
    publish(later)
    assert read_standing(later) == before
    decision = night(later, days=30)
    assert decision["decision"] in {"promoted", "rejected"}
    challenged = later.execute(
        "select distinct challenged_on from scores.score_models"
    ).fetchall()
    assert challenged == [(TONIGHT + timedelta(days=30),)]


def test_an_equal_challenger_is_promoted_and_says_what_moved(later):
    assert night(later, days=30)["decision"] == "promoted"
    assert metrics(later)["largest_weight_change"] >= 0


def test_a_worse_challenger_is_rejected_and_the_champion_measured_again(later):
    # What is learned is noise now; what is tested follows the rule of before.
    later.execute(
        "update features.churn_labels set has_left = md5(customer_id) > '8' "
        "where as_of_date <= '2025-04-30'"
    )
    change(later, "churn_minimum_auc", 0.3)
    before = read_standing(later)
    decision = night(later, days=30)
    assert decision["decision"] == "rejected"
    assert decision["reason"]
    assert decision["champion_id"] == before.champion_id
    assert metrics(later)["auc"] > 0.6


def test_a_champion_that_no_longer_tells_anybody_apart_scores_nobody(later):
    later.execute("update features.churn_labels set has_left = md5(customer_id) > '8'")
    decision = night(later, days=30)
    assert decision["decision"] == "none"
    assert "no longer does" in decision["reason"]
    assert decision["champion_id"] is None
    publish(later)
    assert night(later, days=31)["decision"] == "none"


def test_another_list_of_features_asks_for_another_fit(later, monkeypatch):
    monkeypatch.setattr(
        churn_champion,
        "macro_value",
        lambda name: {"sessions_30d": "log"} if name == "churn_numbers" else [],
    )
    assert night(later, days=1)["decision"] == "definition"
    names = {
        name
        for (name,) in later.execute(
            "select name from scores.score_models where kind = 'parameter'"
        ).fetchall()
    }
    assert {name.split(".")[0] for name in names} == {
        "intercept",
        "calibration",
        "sessions_30d",
    }


@pytest.mark.parametrize(
    ("threshold", "value", "reason"),
    [
        ("churn_minimum_dates", 23, "22 month-ends have an outcome, 23 are needed"),
        ("churn_minimum_customers", 401, "400 customers to learn from, 401 are needed"),
        ("churn_minimum_events", 401, "customers that left to learn from, 401"),
        ("churn_minimum_auc", 0.95, "is less than 0.95"),
    ],
)
def test_without_enough_to_learn_there_is_no_model_and_the_reason_is_written(
    threshold, value, reason
):
    connection = small_history()
    change(connection, threshold, value)
    decision = night(connection)
    assert (decision["decision"], decision["champion_id"]) == ("none", None)
    assert reason in decision["reason"]
    [(kind, status)] = connection.execute(
        "select distinct kind, status from scores.score_models where model = 'churn'"
    ).fetchall()
    assert kind == "state" and reason in status


def test_a_feature_that_knows_the_outcome_is_caught():
    connection = small_history(mrr="case when has_left then 0 else 100 end")
    decision = night(connection)
    assert decision["champion_id"] is None
    assert (
        "too good to be true" in decision["reason"]
        or "degenerate" in decision["reason"]
    )


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        ("sesions_30d", "did you mean sessions_30d"),
        ("people_count", "people that are known today"),
        ("rfm_class", "compares with the other customers"),
    ],
)
def test_a_feature_that_was_not_known_at_earlier_dates_is_refused(feature, reason):
    with pytest.raises(DeclarationError, match=reason):
        churn_history.rows_of(small_history(), [TONIGHT], {feature: "log"}, [])
