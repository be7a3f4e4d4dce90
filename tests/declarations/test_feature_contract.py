"""The features are declared once, in the yml beside customer_features."""

from collections import Counter

import pytest

from tools.contract import TARGETS, columns, group_of

COLUMNS = columns()
# What a customer is, not something known about it.
WITHOUT_COVERAGE = {
    "customer",
    "lifecycle",
    "engagement",
    "health",
    "coverage",
}


def groups():
    return {column["name"]: group_of(column) for column in COLUMNS}


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.name)
def test_what_follows_from_the_contract_is_up_to_date(path):
    assert path.read_text(encoding="utf-8") == TARGETS[path](), "run `make contract`"


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
