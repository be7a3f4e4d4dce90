"""The features are declared once, in the yml beside customer_features."""

from collections import Counter

import yaml

from dagster_project.segmentation.feature_contract import CONTRACT
from tools.monthly_contract import TARGET, monthly_contract

COLUMNS = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["models"][0]["columns"]
# What a customer is, not something known about it.
WITHOUT_COVERAGE = {
    "customer",
    "tenure",
    "lifecycle",
    "rfm",
    "payments",
    "engagement",
    "coverage",
}


def groups():
    return {column["name"]: column["config"]["meta"]["group"] for column in COLUMNS}


def test_the_months_promise_the_same_columns_as_the_night():
    assert TARGET.read_text(encoding="utf-8") == monthly_contract(), (
        "run `make contract`"
    )


def test_every_feature_is_described_once_and_in_its_own_words():
    said = Counter(column["description"].strip() for column in COLUMNS)
    assert not {text: n for text, n in said.items() if n > 1 or len(text) < 8}


def test_every_feature_is_in_a_group_and_every_group_has_its_coverage():
    found = set(groups().values()) - WITHOUT_COVERAGE
    covered = {
        name.removesuffix("_coverage")
        for name, group in groups().items()
        if group == "coverage"
    }
    assert covered == found
