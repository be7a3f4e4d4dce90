import pytest
from rule_world import FEATURES, customers, rules

from dagster_project.errors import UsageError
from dagster_project.segmentation.explain import explain_customer
from dagster_project.segmentation.explain_text import explanation_text
from dagster_project.segmentation.feature_contract import FeatureColumn
from dagster_project.segmentation.plain_words import (
    condition_words,
    feature_words,
    threshold_words,
    value_words,
)
from dagster_project.segmentation.predicate import parse_predicate
from dagster_project.segmentation.rules import assign_rules
from dagster_project.segmentation.spec import model_from

TIERS = rules(
    "revenue_12m >= 12000",
    "revenue_12m >= 3000 and revenue_slope_8w > 0",
    otherwise="standard",
)
PEOPLE = (
    {"customer_id": "acme", "revenue_12m": 12500, "revenue_slope_8w": -1},
    {"customer_id": "bolt", "revenue_12m": 8400, "revenue_slope_8w": 0.5},
    {"customer_id": "cask", "revenue_12m": 100, "revenue_slope_8w": 0.5},
    {"customer_id": "dune"},
)


def release(*models, rows=PEOPLE):
    """The tables of a release, in schema `main`, as the models assigned them."""
    connection = customers(*rows)
    assign_rules(connection, models, FEATURES, "spine", "assigned")
    connection.execute(
        "create table customer_features as from spine;"
        "create table customer_segments as select *, "
        "date '2026-11-20' as assigned_since, 'standard' as previous_segment "
        "from assigned"
    )
    return connection


def explained(connection, customer, *models):
    return explain_customer(connection, customer, models, FEATURES)


def test_a_rule_is_explained_by_its_words_and_the_customers_values():
    (one,) = explained(release(TIERS), "bolt", TIERS)
    assert (one.segment, one.means, one.segment_now) == ("s1", "Segment 1", "s1")
    assert [(rule.segment, rule.holds) for rule in one.tried] == [
        ("s0", False),
        ("s1", True),
    ]
    (failed,) = one.tried[0].comparisons
    assert failed.words == "revenue in the last 12 months is at least 12,000"
    assert failed.values == {"revenue_12m": "8,400"}
    assert failed.holds is False


def test_the_text_says_what_was_tried_and_why_it_did_not_match():
    text = explanation_text(explained(release(TIERS), "bolt", TIERS))
    assert text.splitlines() == [
        "T: s1",
        "  Segment 1",
        "  Since 2026-11-20, before that standard",
        "  Not s0: revenue in the last 12 months is at least 12,000",
        "      no: revenue in the last 12 months is at least 12,000 (it is 8,400)",
        "  Is s1: revenue in the last 12 months is at least 3,000 and "
        "revenue slope over the last 8 weeks is above 0",
        "      yes: revenue in the last 12 months is at least 3,000 (it is 8,400)",
        "      yes: revenue slope over the last 8 weeks is above 0 (it is 0.5)",
        "  Nearest other segment: s0, 30 % away",
    ]


def test_a_customer_that_no_rule_takes_is_told_so():
    (one,) = explained(release(TIERS), "cask", TIERS)
    assert [rule.holds for rule in one.tried] == [False, False]
    assert one.means == "Everyone whom no other rule takes"
    assert "  No rule took the customer, so standard." in explanation_text([one])


def test_an_unknown_feature_is_named_as_not_known():
    (one,) = explained(release(TIERS), "dune", TIERS)
    assert (one.segment, one.segment_now) == ("unknown", "unknown")
    assert one.tried[0].holds is None
    text = explanation_text([one])
    assert "Cannot tell whether s0" in text
    assert "not known: revenue in the last 12 months" in text
    assert "(it is not known)" in text


def test_a_definition_changed_after_the_release_is_pointed_out():
    changed = rules("revenue_12m >= 8000", otherwise="standard")
    (one,) = explained(release(TIERS), "bolt", changed)
    assert (one.segment, one.segment_now) == ("s1", "s0")
    assert "The rules have changed: they now give s0." in explanation_text([one])


def test_a_model_that_is_no_longer_declared_is_explained_by_its_stored_reason():
    text = explanation_text(explained(release(TIERS), "acme"))
    expected = "Decided by revenue in the last 12 months: 12,500 (is at least 12,000)"
    assert text.splitlines()[0] == "tiers: s0"
    assert expected in text


def test_a_release_without_a_feature_the_rules_read_today_is_no_error():
    connection = release(TIERS)
    connection.execute("alter table customer_features drop column revenue_slope_8w")
    (one,) = explained(connection, "acme", TIERS)
    assert (one.segment, one.tried, one.segment_now) == ("s0", (), None)


def test_models_come_sorted_and_only_those_of_the_release():
    buyers = rules("orders_total > 0", name="buyers")
    late = rules("orders_total > 0", name="late")
    found = explained(release(TIERS, buyers), "acme", TIERS, buyers, late)
    assert [one.model for one in found] == ["buyers", "tiers"]


def test_an_unknown_customer_is_answered_with_the_nearest_ids():
    with pytest.raises(UsageError, match="no customer 'bolts' .* are: bolt, "):
        explained(release(TIERS), "bolts", TIERS)


def test_an_id_is_data_and_never_sql():
    with pytest.raises(UsageError):
        explained(release(TIERS), "' or true --", TIERS)


def test_a_release_attached_under_another_name_can_be_explained(tmp_path):
    connection = release(TIERS)
    connection.execute(f"attach '{tmp_path / 'r.duckdb'}' as published")
    for table in ("customer_features", "customer_segments"):
        connection.execute(f"create table published.{table} as from {table}")
        connection.execute(f"drop table memory.main.{table}")
    found = explain_customer(
        connection, "bolt", [TIERS], FEATURES, schema="published.main"
    )
    assert [one.segment for one in found] == ["s1"]


@pytest.fixture
def clustered():
    """A release in which acme is in a cluster; two features tell it from the next."""
    connection = customers(*PEOPLE)
    connection.execute(
        """
        create table customer_features as from spine;
        create table customer_segments as select
            'acme' as customer_id, 'behaviour' as model, 'high spend' as segment,
            date '2026-11-01' as assigned_since, null as previous_segment,
            'low spend' as next_segment, 0.25 as margin,
            'centroid' as reason_code, 'revenue_12m' as reason_feature,
            '12500.00' as reason_value, '11000.0' as reason_threshold;
        create table cluster_models as from (values
            ('behaviour', 'high spend', 'revenue_12m', 1.0, 2.0, 11000.0),
            ('behaviour', 'high spend', 'orders_total', 1.0, 0.5, 4.0),
            ('behaviour', 'low spend', 'revenue_12m', 1.0, -1.0, 300.0),
            ('behaviour', 'low spend', 'orders_total', 1.0, 0.4, 3.5)
        ) as t (model, segment_name, feature, weight, centroid, centroid_raw)
        """
    )
    return connection


def behaviour():
    data = {
        "name": "behaviour",
        "title": "Behaviour",
        "kind": "clusters",
        "goal": "G",
        "kpi": "mrr",
        "owner": "growth",
        "reviewed_on": "2026-11-01",
        "features": [{"feature": "revenue_12m"}],
    }
    return model_from(data, "behaviour.yml")


def test_a_cluster_is_explained_by_what_tells_it_from_the_next(clustered):
    (one,) = explained(clustered, "acme", behaviour())
    assert [trait.feature for trait in one.traits] == ["revenue_12m", "orders_total"]
    assert explanation_text([one]).splitlines() == [
        "Behaviour: high spend",
        "  Since 2026-11-01",
        "  revenue in the last 12 months: 12,500; typical of the group is 11,000, "
        "of the next group 300",
        "  orders in total: not known; typical of the group is 4, "
        "of the next group 3.5",
        "  Nearest other segment: low spend, 25 % away",
    ]


def test_without_the_cluster_table_the_stored_reason_speaks(clustered):
    clustered.execute("drop table cluster_models")
    text = explanation_text(explained(clustered, "acme", behaviour()))
    assert "Decided by revenue in the last 12 months: 12,500 (11,000)" in text


def test_a_customer_without_segments_is_told_so(clustered):
    assert "in no segment" in explanation_text(explained(clustered, "bolt"))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "revenue_12m >= 500000",
            "revenue in the last 12 months is at least 500,000",
        ),
        (
            "plan in ('a', 'b', 'c') or not is_billing_customer",
            "plan is one of a, b or c or billing customer is not true",
        ),
        (
            "is_billing_customer and (plan is null or orders_total < 2.50)",
            "billing customer is true and "
            "(plan is not known or orders in total is below 2.5)",
        ),
        (
            "subscribed_on < '2026-01-01'",
            "subscribed on is before 2026-01-01",
        ),
        (
            "revenue_12m / orders_total > 7",
            "revenue in the last 12 months / orders in total is above 7",
        ),
        ("plan = 'orders_total'", "plan is orders_total"),
    ],
)
def test_a_rule_reads_as_english(rule, words):
    predicate = parse_predicate(rule, FEATURES)
    assert condition_words(predicate.root, FEATURES) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mrr_change_90d", "MRR change in the last 90 days"),
        ("sessions_prev_30d", "sessions in the 30 days before the last 30"),
        ("nps_score", "NPS score"),
        ("days_since_last_event", "days since last event"),
    ],
)
def test_a_feature_reads_as_words(name, words):
    assert feature_words(FeatureColumn(name, "bigint")) == words


def test_a_label_wins_over_the_name():
    assert feature_words(FeatureColumn("x", "bigint", label="the unknown")) == (
        "the unknown"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [("12500.00", "12,500"), ("-0.50", "-0.5"), ("1e-07", "0.0000001"), ("nan", "nan")],
)
def test_a_number_reads_with_separators_and_no_idle_zeros(value, words):
    assert value_words(value) == words


def test_text_that_looks_like_a_number_stays_text():
    assert value_words("007", "text") == "007"


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (">= 12000", "is at least 12,000"),
        ("= 'new'", "is new"),
        ("in ('a', 'b')", "is one of a or b"),
        ("is not null", "is known"),
        ("11000.0", "11,000"),
        (None, ""),
        ("round(mrr) > 3", "round(mrr) > 3"),
    ],
)
def test_a_stored_threshold_reads_as_words(threshold, words):
    assert threshold_words(threshold) == words
