"""The features that the churn model asks for: published, typed, known as of a date."""

import yaml

from dagster_project.features.churn_history import NOT_AS_OF
from dagster_project.features.rendering import macro_value
from dagster_project.segmentation.feature_contract import (
    CONTRACT,
    load_feature_contract,
)

# Groups that are computed for tonight alone, or against others of the same date.
FORBIDDEN = {"value", "risk", "health", "rfm", "coverage", "customer"}


def test_the_churn_model_reads_published_features_of_the_right_type():
    contract = load_feature_contract()
    for feature, shape in macro_value("churn_numbers").items():
        assert contract[feature].family == "number", feature
        assert shape in {"log", "plain"}
    for feature in macro_value("churn_categories"):
        assert contract[feature].family == "text", feature


def test_no_feature_of_the_churn_model_is_known_for_tonight_alone():
    columns = yaml.safe_load(CONTRACT.read_text("utf-8"))["models"][0]["columns"]
    group = {one["name"]: one["config"]["meta"]["group"] for one in columns}
    asked = [*macro_value("churn_numbers"), *macro_value("churn_categories")]
    assert [name for name in asked if group[name] in FORBIDDEN] == []
    assert not NOT_AS_OF.keys() & set(asked)
    rfm = {name for name, of in group.items() if of == "rfm"}
    assert rfm | {"people_count"} <= NOT_AS_OF.keys() <= group.keys()


def test_weights_of_health_add_up_to_one():
    lines = (CONTRACT.parents[2] / "seeds" / "thresholds.csv").read_text("utf-8")
    thresholds = dict(line.split(",") for line in lines.splitlines())
    parts = macro_value("health_parts")
    assert round(sum(float(thresholds[f"health_weight_{p}"]) for p in parts), 9) == 1
