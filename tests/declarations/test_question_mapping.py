"""The seeds that say what answers, vendors' words and places mean."""

import csv
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest
import yaml

from dagster_project.ingest.feeds import FEEDS
from dagster_project.segmentation.feature_contract import load_feature_contract
from dagster_project.transform import PROJECT

FEATURES = load_feature_contract()


def seed(name):
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MAPPING = seed("question_mapping")
WORDS = seed("word_lists")
LISTS = {row["list"] for row in WORDS}
# The words of a column that does not come from a survey question.
LIST_OF = {
    "seniority": "seniority",
    "highest_seniority": "seniority",
    "industry_vertical": "industry",
    "main_ticket_type_90d": "ticket_type",
    "best_response_channel_12m": "channel",
    "preferred_channel": "channel",
}


def words_of(name):
    return {row["word"] for row in WORDS if row["list"] == name and row["word"]}


@pytest.mark.parametrize("row", MAPPING, ids=lambda row: row["question"])
def test_a_question_is_mapped_to_something_that_can_be_read(row):
    assert row["question"] == row["question"].strip().lower()
    kinds = FEEDS["survey_responses"].values["survey_kind"]
    assert row["survey_kind"] in (*kinds, "")
    assert row["value_type"] in ("word", "text", "number", "item")
    assert row["list"] in LISTS | {""}
    assert (row["value_type"] != "word") or row["list"]
    if row["value_type"] in ("number", "item"):
        assert Decimal(row["scale_min"]) < Decimal(row["scale_max"])
    assert row["is_reversed"] == "false" or row["value_type"] == "item"


def test_a_trait_is_of_one_kind():
    kinds = {(row["trait"], row["value_type"], row["list"]) for row in MAPPING}
    assert not [t for t, n in Counter(t for t, *_ in kinds).items() if n > 1]


def test_a_question_is_mapped_to_a_trait_once():
    said = Counter((row["question"], row["trait"]) for row in MAPPING)
    assert set(said.values()) == {1}


def test_a_sensitive_trait_is_off_and_no_feature():
    for row in MAPPING:
        if row["is_sensitive"] == "true":
            assert row["is_enabled"] == "false"
            assert row["trait"] not in FEATURES
        else:
            assert row["trait"] in FEATURES


@pytest.mark.parametrize(
    ("column", "name"),
    [(r["trait"], r["list"]) for r in MAPPING if r["value_type"] == "word"]
    + list(LIST_OF.items()),
)
def test_a_column_may_say_every_word_of_its_list(column, name):
    if column == "language":
        assert all(len(word) == 2 for word in words_of(name))
        return
    allowed = FEATURES[column].allowed
    assert allowed is not None
    assert set(allowed) == words_of(name)


def test_what_is_said_is_written_as_it_is_looked_up():
    said = [(row["list"], row["said"]) for row in WORDS if row["said"]]
    assert max(Counter(said).values()) == 1
    for _, text in said:
        assert text == text.strip().lower().replace(" ", "_").replace("-", "_")


def test_ranges_of_a_list_do_not_overlap():
    ranges = [
        (row["list"], Decimal(row["number_from"]), Decimal(row["number_to"]))
        for row in WORDS
        if row["number_from"]
    ]
    for (name, first, last), (next_name, start, _) in pairwise(sorted(ranges)):
        assert first <= last
        assert name != next_name or last < start


def test_every_word_list_is_of_use():
    used = {row["list"] for row in MAPPING} | set(LIST_OF.values())
    elsewhere = {"no_answer", "sentiment", "ticket_status", "country"}
    assert used - {""} | elsewhere == LISTS


def test_every_country_has_a_code_a_climate_and_its_names():
    countries = seed("countries")
    assert len({row["country"] for row in countries}) == len(countries) == 250
    assert words_of("country") == {row["country"] for row in countries}
    for row in countries:
        assert row["region_group"] in (*FEATURES["region_group"].allowed, "")
        assert row["climate"] in FEATURES["climate"].allowed
    # Nobody sells to the Antarctic and the empty islands.
    nowhere = {row["country"] for row in countries if not row["region_group"]}
    assert nowhere == {"AQ", "BV", "GS", "HM", "TF"}


def test_every_city_is_in_a_country_and_listed_once():
    cities = seed("cities")
    countries = {row["country"] for row in seed("countries")}
    keys = Counter((r["country"], r["city"], r["postal_prefix"]) for r in cities)
    assert set(keys.values()) == {1}
    for row in cities:
        assert row["country"] in countries
        assert bool(row["city"]) != bool(row["postal_prefix"])
        assert row["city"] == row["city"].strip().lower()
        assert row["urbanicity"] in FEATURES["urbanicity"].allowed
        assert row["climate"] in (*FEATURES["climate"].allowed, "")


def test_every_category_lists_its_words_or_is_free_on_purpose():
    free = {
        "customer_id", "account_id", "primary_person_id", "parent_account_id",
        "currency", "plan", "tier", "country", "region", "city", "language",
        "job_title", "industry",
    }  # fmt: skip
    groups = ("survey", "needs", "attitudes", "profile", "firm", "support", "campaigns")
    contract = [
        column
        for column in FEATURES.values()
        if column.family == "text" and not column.allowed
    ]
    assert {c.name for c in contract} & own_columns(groups) <= free


def own_columns(groups):
    """The columns of some groups, as the yml says."""
    path = PROJECT / "models/features/customer_features.yml"
    columns = yaml.safe_load(path.read_text())["models"][0]["columns"]
    return {c["name"] for c in columns if c["config"]["meta"]["group"] in groups}
