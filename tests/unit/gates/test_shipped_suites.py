"""Each shipped expectation passes on a right table and fails on a wrong one."""

from pathlib import Path

import pytest

from dagster_project import warehouse
from dagster_project.gates.arrival_columns import arrival_columns, arrivals_table
from dagster_project.gates.suite_spec import load_suites
from dagster_project.gates.suites import run_suite
from dagster_project.ingest.feeds import FEEDS

SUITES = load_suites(Path(__file__).parents[3] / "expectations")

TABLES = """
create schema night; create schema raw; create schema features; create schema marts;
create table night.control as
    select date '2026-11-21' as as_of_date, date '2026-11-20' as predecessor_as_of;
create table features.customer_features as
select 'c' || i as customer_id, date '2026-11-21' as as_of_date,
    10.00::decimal(18, 2) as mrr, 120.00::decimal(18, 2) as arr,
    90.00::decimal(18, 2) as monetary, 100.00::decimal(18, 2) as revenue_total,
    10.00::decimal(18, 2) as refunds_total, 50.00::decimal(18, 2) as revenue_12m,
    3 as events_30d, 4 as events_total, 1 as sessions_30d, 2 as sessions_total,
    1 as repeat_frequency, 2 as frequency, 0 as recency_days, 0 as tenure_days,
    null::bigint as days_since_last_event, null::timestamp as last_event_at,
    date '2026-11-21' as first_seen_on, date '2026-11-21' as first_paid_on,
    9 as nps_score, 50.00::decimal(5, 2) as engagement_score,
    null::integer as r_score, 1 as f_score, 5 as m_score,
    0.5 as p_alive, 2.5 as expected_orders_90d, 1.00::decimal(18, 2) as clv_12m_low,
    2.00::decimal(18, 2) as clv_12m, 3.00::decimal(18, 2) as clv_12m_high
from range(2) t(i);
create table marts.segment_registry as
from (values ('behaviour', 'clusters')) t(model, kind);
create table marts.customer_segments as
select 'c' || i as customer_id, 'behaviour' as model, 's' || i as segment,
    0.5::decimal(9, 6) as confidence, 1::decimal(9, 6) as coverage,
    date '2026-11-21' as assigned_since
from range(2) t(i);
create table marts.customer_segment_history as
select 'c' || i as customer_id, 'behaviour' as model,
    date '2026-11-20' as valid_from, null::date as valid_to, 'first' as change_cause
from range(100) t(i);
create table marts.segment_profiles as
select 'behaviour' as model, 's0' as segment, 'mrr' as feature, 2 as customers,
    1 as known, 1.0 as p25, 2.0 as median, 3.0 as p75;
create table marts.customer_mrr_monthly as
select 'c0' as customer_id, date '2026-11-01' as month, 10.00::decimal(18, 2) as mrr;
create table marts.mrr_movements as
select 'c0' as customer_id, date '2026-11-01' as month, 'new' as kind,
    10.00::decimal(18, 2) as amount, 0::decimal(18, 2) as mrr_before,
    10.00::decimal(18, 2) as mrr_after;
create table raw.survey_responses as
select 'r' as response_id, 'nps' as survey_kind, 10.0::decimal(18, 4) as answer_number,
    'f' as _file_id, 1 as _line;
create table raw.invoice_lines as
select 'l' as invoice_line_id, 'EUR' as currency, 10.0::decimal(18, 4) as amount;
create table night.feeds (feed varchar, is_present boolean);
create table night.file_values as
select 'f' as file_id, 'channel' as column_name, 'email' as value, 1 as rows;
create table night.file_profiles as
select 'f' as file_id, c as column_name, '1.0000' as lowest
from (values ('monthly_amount'), ('unit_amount'), ('price')) t(c);
"""

TEXTS = {"file_id": "f", "path": "a.csv", "null_change_of": "x", "mix_change_of": "x"}
PLAIN = {"rows": "200", "newest_on": "date '2026-11-21'", "is_required": "true"}
PLAIN |= {column: f"'{text}'" for column, text in TEXTS.items()}

CUSTOMERS = "update features.customer_features set "

# check: (table, a statement that breaks it)
FAULTS = {
    ("features.customer_features", "row_count"): "delete from {table}",
    ("features.customer_features", "between__mrr"): CUSTOMERS + "mrr = -1, arr = -12",
    ("features.customer_features", "arr_is_twelve_mrr"): CUSTOMERS + "arr = 1",
    ("features.customer_features", "monetary_is_net"): CUSTOMERS + "monetary = 1",
    ("features.customer_features", "windows_within_totals"): CUSTOMERS
    + "events_30d = 9",
    ("features.customer_features", "values_are_possible"): CUSTOMERS
    + "clv_12m_high = 1",
    ("features.customer_features", "nothing_from_the_future"): CUSTOMERS
    + "first_seen_on = '2026-11-22'",
    ("features.customer_features", "between__nps_score"): CUSTOMERS + "nps_score = 11",
    ("features.customer_features", "between__engagement_score"): CUSTOMERS
    + "engagement_score = 101",
    ("features.customer_features", "rfm_scores_one_to_five"): CUSTOMERS + "r_score = 0",
    ("marts.customer_segments", "row_count"): "delete from {table}",
    ("marts.customer_segments", "between__confidence"): "update {table}"
    " set confidence = 2",
    ("marts.customer_segments", "between__coverage"): "update {table}"
    " set coverage = -1",
    ("marts.customer_segments", "assigned_by_tonight"): "update {table}"
    " set assigned_since = '2026-11-22'",
    ("marts.customer_segments", "clusters_tell_apart"): "update {table}"
    " set segment = 's1'",
    ("marts.customer_segment_history", "history_ends_tonight"): "update {table}"
    " set valid_to = '2026-11-22'",
    ("marts.customer_segment_history", "calm_night"): "update {table}"
    " set valid_from = '2026-11-21', change_cause = 'behaviour'",
    ("marts.segment_profiles", "row_count"): "delete from {table}",
    ("marts.segment_profiles", "greater__customers__known"): "update {table}"
    " set known = 3",
    ("marts.segment_profiles", "quartiles_in_order"): "update {table} set p25 = 2.5",
    ("marts.customer_mrr_monthly", "between__mrr"): "update {table} set mrr = -1",
    ("marts.customer_mrr_monthly", "months_until_tonight"): "update {table}"
    " set month = '2026-12-01'",
    ("marts.mrr_movements", "amount_is_the_difference"): "update {table}"
    " set amount = 9",
    ("marts.mrr_movements", "kind_fits_the_sign"): "update {table} set kind = 'churn'",
}

OFF_CHANNEL = ("update night.file_values set value = {}", "'fax'", "'email'")
BELOW_ZERO = ("update night.file_profiles set lowest = {}", "'-0.01'", "'1.0000'")

# Of new files, where it is no bound of a column: a statement, wrong and right.
OF_NEW_FILES = {
    "nps_answers_zero_to_ten": (
        "update raw.survey_responses set answer_number = {}",
        "11",
        "10",
    ),
    "more_invoiced_than_refunded": (
        "update raw.invoice_lines set amount = {}",
        "-1",
        "10",
    ),
    "data_of_the_day": ("update {{table}} set days_old = {}", "1", "0"),
    "most_customers_have_an_address": (
        "update {{table}} set email_hash__nulls = {}",
        "0.6",
        "0",
    ),
    "most_lines_have_a_customer": (
        "update {{table}} set billing_customer_id__nulls = {}",
        "0.95",
        "0",
    ),
    "most_payments_succeed": ("update {{table}} set status__failed = {}", "0.6", "0"),
    "most_contacts_can_be_reached": (
        "update {{table}} set email_hash__nulls = {0}, phone_hash__nulls = {0}",
        "1",
        "0",
    ),
    "channels_are_known": OFF_CHANNEL,
    "no_negative_amounts": BELOW_ZERO,
    "no_negative_prices": BELOW_ZERO,
}
OF_A_FEED = [suite for suite in SUITES if suite.about == "new_files"]
OF_A_TABLE = [suite for suite in SUITES if suite.about == "rows"]


def arrivals(feed):
    columns = [f"{PLAIN.get(c, '0::double')} as {c}" for c in arrival_columns(feed)]
    name = arrivals_table(feed)
    return f"""create or replace table night.{name} as select {", ".join(columns)};
        insert into night.feeds values ('{feed}', true);"""


@pytest.fixture(scope="module")
def database():
    with warehouse.connect() as opened:
        opened.execute(TABLES)
        for feed in FEEDS:
            opened.execute(arrivals(feed))
        yield opened


@pytest.fixture
def connection(database):
    return database


def failed(connection, suite):
    return {
        (r.table_name, r.check_name)
        for r in run_suite(connection, suite)
        if not r.passed
    }


def named(suites):
    return {"argvalues": suites, "ids": [suite.table_name for suite in suites]}


@pytest.mark.parametrize("suite", **named(SUITES))
def test_every_expectation_passes_on_a_right_table(connection, suite):
    assert failed(connection, suite) == set()


@pytest.mark.parametrize("suite", **named(OF_A_TABLE))
def test_every_expectation_is_seen_broken_alone(connection, suite):
    for expectation in suite.expectations:
        check = (suite.table_name, expectation.check_name)
        connection.execute(
            f"create or replace temp table kept as from {suite.table_name}"
        )
        connection.execute(FAULTS[check].format(table=suite.table_name))
        assert failed(connection, suite) == {check}
        connection.execute(f"delete from {suite.table_name}")
        connection.execute(f"insert into {suite.table_name} from kept")


def spoiled(expectation):
    """A statement with a gap, a wrong and a right value for it."""
    if expectation.check_name in OF_NEW_FILES:
        return OF_NEW_FILES[expectation.check_name]
    (column,) = expectation.columns
    beyond = expectation.kwargs["max_value"] + 0.01
    if column == "days_old":
        # More than a day is seen by `data_of_the_day` as well, where it is required.
        return ("update {{table}} set is_required = false, days_old = {}", "99", "0")
    return (f"update {{{{table}}}} set {column} = {{}}", str(beyond), "0")


@pytest.mark.parametrize("suite", **named(OF_A_FEED))
def test_every_expectation_of_new_files_is_seen_broken_alone(connection, suite):
    table = ".".join(suite.batch)
    for expectation in suite.expectations:
        statement, wrong, right = spoiled(expectation)
        connection.execute(statement.format(wrong).format(table=table))
        check = (suite.table_name, expectation.check_name)
        assert failed(connection, suite) == {check}
        connection.execute(statement.format(right).format(table=table))
        connection.execute(f"update {table} set is_required = true")


@pytest.mark.parametrize("suite", **named(OF_A_FEED[:2]))
def test_a_night_without_a_new_file_passes_but_for_its_age(connection, suite):
    table = ".".join(suite.batch)
    columns = ", ".join(f"{name} = null" for name in arrival_columns(suite.table)[4:])
    connection.execute(f"create or replace temp table kept as from {table}")
    connection.execute(f"update {table} set {columns}")
    assert failed(connection, suite) == set()
    connection.execute(f"update {table} set days_old = 400, is_required = false")
    stale = {(suite.table_name, "between__days_old")}
    has_age = "between__days_old" in {e.check_name for e in suite.expectations}
    assert failed(connection, suite) == (stale if has_age else set())
    connection.execute(f"delete from {table}")
    connection.execute(f"insert into {table} from kept")


def test_every_feed_has_a_suite_of_its_new_files():
    assert {suite.table for suite in OF_A_FEED} == set(FEEDS)


def test_there_is_a_fault_for_every_expectation():
    declared = {
        (s.table_name, e.check_name) for s in OF_A_TABLE for e in s.expectations
    }
    assert declared == set(FAULTS)
    others = {e.check_name for s in OF_A_FEED for e in s.expectations}
    assert set(OF_NEW_FILES) == {name for name in others if "between__" not in name}
