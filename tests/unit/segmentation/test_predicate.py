import pytest
from rule_world import FEATURES, customers

from dagster_project.errors import DeclarationError
from dagster_project.segmentation.feature_contract import (
    FeatureColumn,
    load_feature_contract,
)
from dagster_project.segmentation.predicate import parse_predicate
from dagster_project.segmentation.predicate_tree import comparisons

CONTRACT = """
models:
  - name: customer_features
    columns:
      - name: mrr
        data_type: decimal(18,2)
        config: {meta: {label: monthly revenue}}
      - name: lifecycle_stage
        data_type: varchar
        data_tests:
          - not_null
          - accepted_values: {arguments: {values: [new, active]}}
"""


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("Revenue_12M >= 500_000", '("revenue_12m" >= 500000)'),
        ("12 <= revenue_12m", '("revenue_12m" >= 12)'),
        ("not (revenue_12m < 1 or is_billing_customer)", None),
        (
            "revenue_12m between 1 and 2",
            '(("revenue_12m" >= 1) and ("revenue_12m" <= 2))',
        ),
        (
            "not revenue_12m between 1 and 2",
            '(("revenue_12m" < 1) or ("revenue_12m" > 2))',
        ),
        (
            "plan = 'it''s; -- fine /* too */'",
            "(\"plan\" = 'it''s; -- fine /* too */')",
        ),
        ("subscribed_on < '2026-01-01'", "(\"subscribed_on\" < date '2026-01-01')"),
        ("coalesce(revenue_12m, 0) / orders_total > -1.5", None),
        ("date_diff('day', subscribed_on, as_of_date) > 30", None),
        ("lifecycle_stage in ('new', 'active')", None),
        ("plan not in ('a')", "(\"plan\" not in ('a'))"),
        ("last_event_at >= timestamp '2026-01-01 10:00:00'", None),
        ("coalesce(is_billing_customer, false)", None),
        ("round(revenue_12m, 1) = 2 and length(lower(plan)) > 3", None),
        ("plan is not null", '("plan" is not null)'),
        ("greatest(revenue_12m, orders_total) > abs(revenue_slope_8w)", None),
    ],
)
def test_a_condition_over_features_is_written_anew_as_sql_that_runs(text, sql):
    predicate = parse_predicate(text, FEATURES)
    assert sql in (None, predicate.sql)
    result = customers({}).execute(f"select {predicate.sql} from spine").fetchall()
    assert len(result) == 1


def test_columns_are_the_features_in_the_order_they_are_named():
    text = "orders_total > 1 and (plan = 'x' or orders_total < 9) and revenue_12m > 0"
    predicate = parse_predicate(text, FEATURES)
    assert predicate.columns == ("orders_total", "plan", "revenue_12m")
    assert predicate.text == text


def test_only_a_feature_beside_a_number_is_a_threshold():
    text = (
        "revenue_12m > 5 and abs(revenue_12m) > 5 and plan = 'x' and orders_total = 3"
    )
    found = comparisons(parse_predicate(text, FEATURES).root)
    assert [item.is_threshold for item in found] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("revenu_12m > 1", "unknown feature 'revenu_12m', did you mean revenue_12m?"),
        ("zzz > 1", "unknown feature 'zzz'"),
        ("lifecycle_stage = 'activ'", "never 'activ', did you mean active? Its values"),
        ("lifecycle_stage in ('new', 'gone')", "lifecycle_stage is never 'gone'"),
        ("not lifecycle_stage <> 'gone'", "lifecycle_stage is never 'gone'"),
        ("revenue_12m > 'much'", "revenue_12m is number and 'much' is text"),
        ("plan = 3", "plan is text and 3 is number: they cannot be compared"),
        ("plan > 'a'", "plan is text: use =, <> or in"),
        ("revenue_12m between 1 and 'b'", "they cannot be compared"),
        ("revenue_12m + plan > 1", "plan is text, number is needed here"),
        ("length(revenue_12m) > 1", "revenue_12m is number, text is needed here"),
        ("subscribed_on > 'soon'", "'soon' is not a date, write '2026-11-21'"),
        ("subscribed_on > '2026-11-21 10:00'", "is not a date"),
        ("revenue_12m = null", "NULL cannot be compared, write `is null`"),
        ("plan in ('a', null)", "NULL cannot be compared"),
        ("revenue_12m is true", "after `is` only `null` or `not null` may follow"),
        ("revenue_12m", "revenue_12m is number, not a condition"),
        ("1 = 1", "1 = 1: a comparison must name a feature"),
        ("true", "a comparison must name a feature"),
        ("customer_id = 'c1'", "customer_id names a customer, it is not a feature"),
        ("spine.plan = 'x'", "write plan without a table before it"),
        ("revenue_12m > 1e400", "1e400 is not a number"),
        ("round(revenue_12m, orders_total) > 1", "round takes a number of decimals"),
        ("date_diff('hour', subscribed_on, as_of_date) > 1", "day, week, month, year"),
        ("date_diff('day', plan, as_of_date) > 1", "takes dates, plan is none"),
        ("revenue_12m > (orders_total > 1)", "is not allowed in a rule"),
        ("orders_total in (revenue_12m)", "the list of `in` holds literals only"),
        ("orders_total in ()", "after `in` a list in brackets is needed"),
        ("revenue_12m between symmetric 2 and 1", "order the bounds"),
        ("revenue_12m::varchar = '1'", "only a text may be made a date"),
    ],
)
def test_a_mistake_is_answered_with_its_reason(text, message):
    with pytest.raises(DeclarationError) as error:
        parse_predicate(text, FEATURES)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("revenue_12m > (select 1)", "sub-queries are not allowed"),
        ("revenue_12m in (select 1)", "sub-queries are not allowed"),
        ("exists (select 1)", "sub-queries are not allowed"),
        ("select 1", "sub-queries are not allowed"),
        ("(from spine)", "not allowed"),
        ("revenue_12m > 1; drop table spine", "; begins a statement"),
        ("revenue_12m > 1;", "; begins a statement"),
        ("revenue_12m > 1 -- always", "-- begins a comment"),
        ("/* x */ revenue_12m > 1", "/* begins a comment"),
        ("read_csv('/etc/passwd')", "READ_CSV('/etc/passwd') is not allowed"),
        ("length(read_text('/etc/passwd')) > 0", "functions are abs, coalesce"),
        ("plan = getenv('HOME')", "GETENV('HOME') is not allowed"),
        ("glob('*') = plan", "is not allowed"),
        ("now() > last_event_at", "is not allowed"),
        ("random() > revenue_12m", "is not allowed"),
        ("current_date > subscribed_on", "is not allowed"),
        ("attach 'x.duckdb'", "is not allowed"),
        ("copy spine to 'x.csv'", "is not allowed"),
        ("install httpfs", "not"),
        ("pragma database_list", "is not allowed"),
        ("set threads = 1", "is not allowed"),
        ("sum(revenue_12m) over () > 1", "is not allowed"),
        ("max(revenue_12m) > 1", "is not allowed"),
        ("case when is_billing_customer then 1 end > 0", "is not allowed"),
        ("plan like 'a%'", "is not allowed"),
        ("columns(*) > 1", "is not allowed"),
        ("* > 1", "not"),
        ("revenue_12m > ?", "is not allowed"),
        ("revenue_12m > $1", "is not allowed"),
        ("plan = $$x$$", "is not allowed"),
        ("plan = e'x'", "is not allowed"),
        ("revenue_12m as x", "is not allowed"),
        ("revenue_12m > 1 x", "not"),
        ("list_filter([1], x -> x > 1) is null", "is not allowed"),
        ("revenue_12m[1] = 2", "is not allowed"),
        ("revenue_12m > all (select 1)", "not allowed"),
        ("", "not a condition"),
        ("revenue_12m >", "around character 13"),
        ("plan = 'x", "is a quote left open?"),
        ("revenue_12m > 1 or " * 200 + "is_billing_customer", "longer than 2000"),
        ("(" * 990 + "is_billing_customer" + ")" * 990, "nested too deeply"),
    ],
)
def test_anything_but_one_plain_condition_is_refused(text, message):
    with pytest.raises(DeclarationError) as error:
        parse_predicate(text, FEATURES)
    assert message in str(error.value)


def test_the_contract_is_read_from_the_yml_of_the_features_model(tmp_path):
    path = tmp_path / "customer_features.yml"
    path.write_text(CONTRACT)
    contract = load_feature_contract(path)
    assert list(contract) == ["mrr", "lifecycle_stage"]
    assert contract["mrr"].family == "number"
    assert contract["mrr"].label == "monthly revenue"
    assert contract["lifecycle_stage"].allowed == ("new", "active")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CONTRACT + "      - {name: tier}\n", "no data_type for tier"),
        ("models: []", "no data_type for models"),
        ("seeds: []", "no data_type for models"),
    ],
)
def test_a_contract_without_types_is_refused(tmp_path, text, message):
    path = tmp_path / "customer_features.yml"
    path.write_text(text)
    with pytest.raises(DeclarationError, match=message):
        load_feature_contract(path)


def test_a_missing_contract_is_named(tmp_path):
    with pytest.raises(DeclarationError, match="the feature contract is not there"):
        load_feature_contract(tmp_path / "none.yml")


def test_a_column_of_another_type_is_not_for_rules():
    columns = {"tags": FeatureColumn("tags", "varchar[]")}
    with pytest.raises(DeclarationError, match="tags is varchar"):
        parse_predicate("tags is null", columns)
