from decimal import Decimal

import pytest
from rule_world import FEATURES, customers, rules

from dagster_project.errors import DeclarationError, SegmentsError
from dagster_project.segmentation.rule_registry import rule_rows
from dagster_project.segmentation.rules import COLUMNS, assign_rules, check_rules

TIERS = rules(
    "revenue_12m >= 12000",
    "revenue_12m >= 3000 and revenue_slope_8w > 0",
    otherwise="standard",
)


def assigned(connection, *models, columns="segment", target="night.assigned"):
    """The rows of a run as tuples, by customer and model."""
    assign_rules(connection, models, FEATURES, "spine", target)
    query = f"select {columns} from {target} order by customer_id, as_of_date, model"
    return connection.execute(query).fetchall()


def test_the_first_rule_that_is_true_takes_the_customer():
    connection = customers(
        {"revenue_12m": 12000, "revenue_slope_8w": 1},
        {"revenue_12m": 3000, "revenue_slope_8w": 1},
        {"revenue_12m": 3000, "revenue_slope_8w": 0},
    )
    assert assigned(connection, TIERS) == [("s0",), ("s1",), ("standard",)]


def test_a_rule_that_cannot_be_judged_stops_with_unknown():
    connection = customers(
        {"revenue_12m": 4000},
        {"revenue_slope_8w": 1},
        {"revenue_12m": 100},
        {"revenue_12m": 12000},
    )
    found = assigned(connection, TIERS, columns="segment, reason_feature, coverage")
    assert found == [
        ("unknown", "revenue_slope_8w", Decimal("0.5")),
        ("unknown", "revenue_12m", Decimal("0.5")),
        ("standard", "revenue_12m", Decimal("0.5")),
        ("s0", "revenue_12m", Decimal("0.5")),
    ]


def test_a_model_of_an_absent_feed_is_unknown_with_a_coverage_of_zero():
    found = assigned(
        customers({}), TIERS, columns="segment, confidence, coverage, margin"
    )
    assert found == [("unknown", 0, 0, None)]


def test_is_null_may_be_asked_of_what_is_not_known():
    model = rules("plan is null", "orders_total > 0")
    connection = customers({}, {"plan": "a", "orders_total": 0})
    assert assigned(connection, model) == [("s0",), ("rest",)]


def test_the_margin_is_the_nearest_threshold_and_where_it_leads():
    connection = customers(
        {"revenue_12m": 15000, "revenue_slope_8w": 1},
        {"revenue_12m": 3600, "revenue_slope_8w": 1},
        {"revenue_12m": 9000, "revenue_slope_8w": 0.25},
        {"revenue_12m": 1500, "revenue_slope_8w": 1},
        {"revenue_12m": 1500, "revenue_slope_8w": -1},
    )
    found = assigned(connection, TIERS, columns="segment, margin, next_segment")
    assert found == [
        ("s0", Decimal("0.25"), "s1"),  # 12,000 is 3,000 below 15,000
        ("s1", Decimal("0.2"), "standard"),  # 3,000 is 600 below 3,600
        ("s1", Decimal("0.25"), "s0"),  # 12,000 as near as the slope: the first rule
        ("standard", Decimal("0.5"), "s1"),  # 3,000 is 1,500 above
        ("standard", Decimal("0.875"), "s0"),  # s1 asks two things of this customer
    ]


def test_a_threshold_does_not_lead_where_the_next_rule_cannot_be_judged():
    connection = customers({"revenue_12m": 15000})
    assert assigned(connection, TIERS, columns="next_segment") == [("unknown",)]


def test_a_model_without_thresholds_has_no_margin():
    model = rules("lifecycle_stage = 'new'", otherwise="old")
    connection = customers({"lifecycle_stage": "new"}, {"lifecycle_stage": "active"})
    columns = "segment, margin, next_segment, reason_value, reason_threshold"
    assert assigned(connection, model, columns=columns) == [
        ("s0", None, None, "new", "= 'new'"),
        ("old", None, None, "active", "= 'new'"),
    ]


def test_the_reason_is_the_comparison_that_decided():
    model = rules(
        "revenue_12m >= 100 and (plan = 'a' or orders_total between 5 and 9)",
        "not (is_billing_customer or orders_total > 3)",
    )
    connection = customers(
        {"revenue_12m": 100, "plan": "b", "orders_total": 5},
        {"revenue_12m": 100, "plan": "b"},
        {"revenue_12m": 1, "orders_total": 3, "is_billing_customer": False},
        {"revenue_12m": 1, "orders_total": 9, "is_billing_customer": False},
        {"revenue_12m": 1, "orders_total": 9, "plan": "a"},
    )
    columns = "segment, reason_code, reason_feature, reason_value, reason_threshold"
    assert assigned(connection, model, columns=columns) == [
        ("s0", "rule", "revenue_12m", "100.00", ">= 100"),
        ("unknown", "unknown", "orders_total", None, ">= 5"),
        ("s1", "rule", "is_billing_customer", "false", "is false"),
        ("rest", "otherwise", "revenue_12m", "1.00", ">= 100"),
        ("rest", "otherwise", "revenue_12m", "1.00", ">= 100"),
    ]


def test_the_reason_of_an_either_or_is_the_part_that_is_true():
    model = rules("plan = 'a' or orders_total >= 5")
    connection = customers({"plan": "b", "orders_total": 5})
    assert assigned(connection, model, columns="reason_feature") == [("orders_total",)]


def test_nothing_is_known_of_a_share_of_zero_orders():
    model = rules("revenue_12m / orders_total >= 100")
    connection = customers({"revenue_12m": 5, "orders_total": 0})
    columns = "segment, reason_feature, reason_value, reason_threshold"
    assert assigned(connection, model, columns=columns) == [
        ("unknown", "revenue_12m", "5.00", "(revenue_12m / orders_total) >= 100")
    ]


def test_all_models_and_all_as_of_dates_are_assigned_at_once():
    other = rules("orders_total > 0", name="buyers")
    connection = customers(
        {"customer_id": "c", "revenue_12m": 12000, "orders_total": 0},
        {"customer_id": "c", "as_of_date": "2026-10-31", "orders_total": 1},
    )
    columns = "as_of_date::varchar, model, segment"
    assert assigned(connection, TIERS, other, columns=columns) == [
        ("2026-10-31", "buyers", "s0"),
        ("2026-10-31", "tiers", "unknown"),
        ("2026-11-21", "buyers", "rest"),
        ("2026-11-21", "tiers", "s0"),
    ]


def test_more_models_than_fit_one_scan_are_all_assigned():
    models = [rules(f"orders_total > {n}", name=f"m{n:02}") for n in range(45)]
    found = assigned(customers({"orders_total": 30}), *models, columns="model, segment")
    assert found == [(m.name, "s0" if n < 30 else "rest") for n, m in enumerate(models)]


def test_yesterdays_rules_can_be_asked_of_tonights_features():
    changed = rules("revenue_12m >= 2000", otherwise="standard")
    connection = customers({"revenue_12m": 2500})
    assert assigned(connection, changed) == [("s0",)]
    assert assigned(connection, TIERS, target="night.yesterday") == [("standard",)]
    assert connection.execute("select segment from night.assigned").fetchall() == [
        ("s0",)
    ]


def test_a_run_again_replaces_the_rows():
    connection = customers({"revenue_12m": 1})
    assigned(connection, TIERS)
    assert assign_rules(connection, [TIERS], FEATURES, "spine", "night.assigned") == 1


@pytest.mark.parametrize("models", [[], [TIERS]], ids=["no models", "one model"])
def test_the_columns_are_those_of_the_contract(models):
    connection = customers({})
    assign_rules(connection, models, FEATURES, "spine", "night.assigned")
    found = connection.execute("describe night.assigned").fetchall()
    types = {row[0]: row[1].lower().replace(",", ", ") for row in found}
    assert types == COLUMNS


def test_the_answer_does_not_depend_on_row_order_or_threads():
    rows = [
        {
            "customer_id": f"c{n}",
            "revenue_12m": n * 997 % 15000,
            "revenue_slope_8w": 0.1,
        }
        for n in range(40)
    ]
    answers = []
    for threads, given in ((1, rows), (2, rows[::-1])):
        connection = customers(*given)
        connection.execute(f"set threads = {threads}")
        answers.append(assigned(connection, TIERS, columns="*"))
    assert answers[0] == answers[1]


def test_an_amount_far_from_a_threshold_does_not_break_the_margin():
    model = rules("revenue_12m > 0.001")
    connection = customers({"revenue_12m": "9999999999999999.99"})
    assert assigned(connection, model, columns="margin") == [(999999,)]


def test_a_segment_or_value_with_a_quote_stays_text():
    model = rules("plan = 'o''hara''); drop table spine'")
    connection = customers({"plan": "o'hara'); drop table spine"})
    assert assigned(connection, model, columns="segment, reason_threshold") == [
        ("s0", "= 'o''hara''); drop table spine'")
    ]


def test_wrong_predicates_are_all_named_with_file_and_key():
    models = [rules("plan = 'a'", "revenu_12m > 1"), rules("x > 1", name="other")]
    with pytest.raises(DeclarationError) as error:
        assign_rules(customers({}), models, FEATURES, "spine", "night.assigned")
    assert str(error.value).splitlines() == [
        "segments/tiers.yml: segments[1].when: unknown feature 'revenu_12m', "
        "did you mean revenue_12m?",
        "segments/other.yml: segments[0].when: unknown feature 'x'",
    ]


def test_validation_names_a_predicate_that_the_engine_cannot_bind():
    power = " * ".join(["revenue_12m"] * 20)  # 40 decimals, 38 can be held
    with pytest.raises(DeclarationError, match=r"tiers.yml: segments\[0\].when: .+"):
        check_rules([rules(f"{power} > 1")], FEATURES)


def test_validation_is_silent_when_all_is_well():
    check_rules([TIERS], FEATURES)


def test_a_rule_that_overflows_is_an_error_with_a_message():
    model = rules("orders_total * 9000000000000000000 > 1")
    connection = customers({"orders_total": 9})
    with pytest.raises(SegmentsError, match="a rule cannot be computed"):
        assigned(connection, model)


def test_the_registry_lists_rules_in_order_then_otherwise_and_unknown():
    rows = rule_rows([rules("plan = 'a'", requirement=["R1", "R3"])])
    assert [
        (r["segment_order"], r["segment"], r["rule"], r["means"]) for r in rows
    ] == [
        (1, "s0", "plan = 'a'", "Segment 0"),
        (2, "rest", "otherwise", "Everyone whom no other rule takes"),
        (
            3,
            "unknown",
            "a feature is not known",
            "A feature the rules need is not known for the customer",
        ),
    ]
    assert {r["requirement"] for r in rows} == {"R1, R3"}
