"""Religion, identity and the like: off as shipped, never among the features."""

import csv

import pytest
from people_world import PROJECT, answer, build, describe, one

NIGHT = ["2026-02-28"]
SHIPPED = PROJECT / "seeds" / "question_mapping.csv"


def shipped_mapping():
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return [
            {column: value or None for column, value in row.items()}
            for row in csv.DictReader(file)
        ]


def changed(question, **values):
    return [
        row | (values if row["question"] == question else {})
        for row in shipped_mapping()
    ]


def sensitive(told):
    build(told, "sensitive_traits")
    return told.execute(
        "select customer_id, trait, value, purpose from sensitive_traits"
    ).fetchall()


ANSWERS = [
    answer("r1", question, "Something", survey_kind="demographic")
    for question in ("religion", "ethnic_identity", "social_class", "health")
]


def test_as_shipped_no_sensitive_trait_is_computed():
    listed = [row for row in shipped_mapping() if row["is_sensitive"] == "true"]
    assert {"religion", "ethnic_identity", "social_class"} <= {
        row["trait"] for row in listed
    }
    assert {row["is_enabled"] for row in listed} == {"false"}
    told = describe(NIGHT, survey_responses=ANSWERS)
    assert sensitive(told) == []
    assert told.execute("select count(*) from int_customers__traits").fetchone() == (0,)


@pytest.mark.parametrize("purpose", [None, "  "])
def test_a_switch_without_a_written_purpose_does_nothing(purpose):
    mapping = changed("religion", is_enabled=True, purpose=purpose)
    assert sensitive(describe(NIGHT, mapping=mapping, survey_responses=ANSWERS)) == []


def test_what_is_switched_on_stands_apart_with_its_purpose():
    mapping = changed("religion", is_enabled=True, purpose="holidays of the hotline")
    told = describe(NIGHT, mapping=mapping, survey_responses=ANSWERS)
    expected = ("c_firm", "religion", "something", "holidays of the hotline")
    assert sensitive(told) == [expected]


def test_a_trait_that_is_called_sensitive_is_no_feature_any_more():
    said = [answer("r1", "gender", "female")]
    mapping = changed("gender", is_sensitive=True, purpose="salutation")
    told = describe(NIGHT, mapping=mapping, survey_responses=said)
    assert one(told, "profile_features", "gender") == (None,)
    assert sensitive(told) == [("c_firm", "gender", "female", "salutation")]
    silent = changed("gender", is_enabled=False)
    told = describe(NIGHT, mapping=silent, survey_responses=said)
    assert one(told, "profile_features", "gender") == (None,)
