"""Each shipped expectation passes on a right table and fails on a wrong one."""

from pathlib import Path

import pytest

from dagster_project import warehouse
from dagster_project.gates.suite_spec import load_suites
from dagster_project.gates.suites import run_suite

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
    null::integer as r_score, 1 as f_score, 5 as m_score
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
create table raw.web_events as select 'e' as event_id, 'page' as event_type;
"""

CUSTOMERS = "update features.customer_features set "

# check: (table, a statement that breaks it)
FAULTS = {
    ("features.customer_features", "row_count"): "delete from {table}",
    ("features.customer_features", "between__mrr"): CUSTOMERS + "mrr = -1, arr = -12",
    ("features.customer_features", "arr_is_twelve_mrr"): CUSTOMERS + "arr = 1",
    ("features.customer_features", "monetary_is_net"): CUSTOMERS + "monetary = 1",
    ("features.customer_features", "windows_within_totals"): CUSTOMERS
    + "events_30d = 9",
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
    ("raw.survey_responses", "nps_answers_zero_to_ten"): "update {table}"
    " set answer_number = 11",
    ("raw.invoice_lines", "more_invoiced_than_refunded"): "update {table}"
    " set amount = -1",
    ("raw.web_events", "distinct_in_set__event_type"): "update {table}"
    " set event_type = 'screen'",
}


@pytest.fixture
def connection():
    with warehouse.connect() as opened:
        opened.execute(TABLES)
        yield opened


def failed(connection, suite):
    return {
        (r.table_name, r.check_name)
        for r in run_suite(connection, suite)
        if not r.passed
    }


@pytest.mark.parametrize("suite", SUITES, ids=[s.table_name for s in SUITES])
def test_every_expectation_passes_on_a_right_table(connection, suite):
    assert failed(connection, suite) == set()


@pytest.mark.parametrize("suite", SUITES, ids=[s.table_name for s in SUITES])
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


def test_there_is_a_fault_for_every_expectation():
    declared = {(s.table_name, e.check_name) for s in SUITES for e in s.expectations}
    assert declared == set(FAULTS)
