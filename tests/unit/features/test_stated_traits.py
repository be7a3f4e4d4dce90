"""What a survey says of a customer: question mapping, scales, refusals, versions."""

from decimal import Decimal

import pytest
from people_world import answer, build, describe, one

NIGHT = ["2026-02-28"]


def test_what_is_said_becomes_our_word_and_what_no_list_has_is_other():
    told = describe(
        NIGHT,
        survey_responses=[
            answer("r1", "main_need", "  Audit log and single sign-on "),
            answer("r2", "benefit_sought", "a colour I like"),
            answer("r3", "preferred_channel", "E-Mail"),
            answer("r4", "purchase_intention", ""),
        ],
    )
    columns = "main_need, benefit_sought, preferred_channel_stated, purchase_intention"
    assert one(told, "survey_features", columns) == ("security", "other", "email", None)


def test_a_channel_that_nobody_has_is_no_preference():
    told = describe(
        NIGHT, survey_responses=[answer("r1", "preferred_channel", "carrier pigeon")]
    )
    assert one(told, "survey_features", "preferred_channel_stated") == (None,)


@pytest.mark.parametrize(
    ("age", "band"),
    [(17, "under_18"), (18, "18_24"), (64, "55_64"), (65, "65_plus"), (121, None)],
)
def test_a_number_becomes_the_word_of_its_range(age, band):
    told = describe(NIGHT, survey_responses=[answer("r1", "age", age)])
    assert one(told, "profile_features", "age_band") == (band,)


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        # 5, 4 and the reversed 2 (which counts 1 + 5 - 2 = 4).
        ([5, 4, 2], "4.3333"),
        ([5, None, 1], "5.0000"),
        ([5, None, None], None),
        ([6, 4, None], None),
        (["Strongly agree", "agree", "Strongly disagree"], "4.6667"),
    ],
    ids=["all", "two_of_three", "one_of_three", "out_of_range", "in_words"],
)
def test_a_scale_is_the_mean_of_its_items_when_half_of_them_are_answered(
    answers, score
):
    items = ["looks_at_price_first", "waits_for_offers", "pays_more_for_quality"]
    told = describe(
        NIGHT,
        survey_responses=[
            answer("r1", item, said)
            for item, said in zip(items, answers, strict=True)
            if said is not None
        ],
    )
    expected = None if score is None else Decimal(score)
    assert one(told, "survey_features", "price_sensitivity") == (expected,)


def test_the_primary_person_speaks_first_and_the_others_when_he_says_nothing():
    told = describe(
        NIGHT,
        survey_responses=[
            answer("r1", "gender", "female", "2026-01-01"),
            answer("r2", "gender", "male", "2026-02-01", user_id="bob"),
            answer("r3", "occupation", "student", "2026-01-01", user_id="bob"),
            answer("r4", "occupation", "retired", "2026-02-01", user_id="bob"),
            answer("r5", "education", "PhD", "2026-02-02", billing_customer_id="b1"),
        ],
    )
    columns = "gender, occupation, life_stage, education"
    found = one(told, "profile_features", columns)
    assert found == ("female", "retired", "retired", "doctorate")


def test_who_would_not_tell_takes_back_what_was_told():
    told = describe(
        NIGHT,
        survey_responses=[
            answer("r1", "gender", "female", "2026-01-01"),
            answer("r2", "gender", "Prefer not to say", "2026-02-01"),
            answer("r3", "gender", "male", "2026-02-02", user_id="bob"),
        ],
    )
    assert one(told, "profile_features", "gender") == (None,)


def test_of_answers_of_one_moment_the_larger_response_id_counts():
    rows = [answer("r1", "gender", "female"), answer("r2", "gender", "male")]
    for given in (rows, rows[::-1]):
        told = describe(NIGHT, survey_responses=given)
        assert one(told, "profile_features", "gender") == ("male",)


def test_a_question_of_another_kind_of_survey_is_another_question():
    told = describe(
        NIGHT, survey_responses=[answer("r1", "gender", "female", survey_kind="nps")]
    )
    assert one(told, "profile_features", "gender") == (None,)


def test_an_answer_that_is_changed_later_stood_until_then():
    first = answer("r1", "nps", 9, "2026-01-10")
    second = answer("r1", "nps", 3, "2026-02-10")
    told = describe(["2026-01-31", "2026-02-28"], survey_responses=[first, second])
    build(told, "survey_features")
    found = told.execute(
        "select nps_score, nps_answers_total, nps_class from survey_features"
        " where customer_id = 'c_firm' order by as_of_date"
    ).fetchall()
    assert found == [(9, 1, "promoter"), (3, 1, "detractor")]


@pytest.mark.parametrize(
    ("marital_status", "family_size", "occupation", "stage"),
    [
        ("married", 4, "retired", "retired"),
        ("single", 3, "student", "student"),
        ("divorced", 3, "employed", "family"),
        ("married", 2, None, "couple"),
        ("separated", 1, None, "divorced"),
        ("widowed", None, None, "widowed"),
        ("other", 2, None, None),
    ],
)
def test_the_stage_of_life_is_the_first_that_the_answers_say(
    marital_status, family_size, occupation, stage
):
    said = {
        "marital_status": marital_status,
        "family_size": family_size,
        "occupation": occupation,
    }
    told = describe(
        NIGHT,
        survey_responses=[
            answer("r1", question, value)
            for question, value in said.items()
            if value is not None
        ],
    )
    assert one(told, "profile_features", "life_stage") == (stage,)
