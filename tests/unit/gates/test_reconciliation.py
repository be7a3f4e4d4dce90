import pytest

from dagster_project.gates.checks import GateError
from dagster_project.gates.reconciliation import expected_reconciliation, reconcile

DATED = ("features.customer_features",)


def failed(connection, dated=DATED):
    return {r.check_name: r for r in reconcile(connection, dated) if not r.passed}


def test_every_agreement_holds_on_a_right_night(night):
    assert failed(night) == {}


def test_the_promised_checks_are_the_checks_that_run(night):
    ran = {r.as_expected_check for r in reconcile(night, DATED)}
    assert ran == set(expected_reconciliation(DATED))


FAULTS = {
    "lines_are_accounted_for": "update night.files set blank = 0",
    "required_sources_present": "update night.sources set is_present = false",
    "required_files_accepted": "insert into night.files values"
    " ('x', 'billing', 'invoice_lines', 'x', 9, 0, 0, 0, 0, 'rejected', 'torn', true)",
    "optional_files_accepted": "insert into night.files values"
    " ('x', 'survey', 'survey_responses', 'x', 9, 0, 0, 0, 0, 'rejected', '', true)",
    "raw_rows": "update night.file_profiles set rows = 1 where file_id = 'new'",
    "one_segment_per_model": "delete from marts.customer_segments"
    " where customer_id = 'c1'",
    "segments_of_known_customers": "insert into marts.customer_segments"
    " values ('ghost', 'needy', 'detractors')",
    "segments_are_registered": "update marts.customer_segments set segment = 'huge'"
    " where customer_id = 'c2'",
    "registry_counts_customers": "update marts.segment_registry set customers = 9"
    " where segment = 'big'",
    "one_open_history_row": "insert into marts.customer_segment_history"
    " values ('c2', 'value_tiers', 'small', date '2026-11-20', null)",
    "history_without_overlaps": "update marts.customer_segment_history"
    " set valid_to = date '2026-11-12' where valid_to = date '2026-11-10'",
    "history_without_gaps": "update marts.customer_segment_history"
    " set valid_to = date '2026-11-08' where valid_to = date '2026-11-10'",
    "history_agrees_with_segments": "update marts.customer_segment_history"
    " set segment = 'small' where customer_id = 'c2'",
    "mrr_identity": "delete from marts.mrr_movements where customer_id = 'c2'",
    "mrr_of_customers": "update features.customer_features set mrr = 1"
    " where customer_id = 'c1'",
    "carries_tonight": "update features.customer_features"
    " set as_of_date = date '2026-11-20' where customer_id = 'c1'",
}


@pytest.mark.parametrize("check", FAULTS, ids=FAULTS)
def test_each_agreement_is_seen_broken(night, check):
    night.execute(FAULTS[check])
    result = failed(night)[check]
    assert result.failing_rows
    assert result.sample_keys and result.why
    warnings = {"optional_files_accepted", "history_without_gaps"}
    assert (result.severity == "warning") == (check in warnings)


def test_there_is_a_fault_for_every_agreement():
    assert {c.check_name for c in expected_reconciliation(DATED)} == set(FAULTS)


def test_a_customer_assigned_twice_is_seen_even_when_the_counts_match(night):
    night.execute(
        "update marts.customer_segments set customer_id = 'c2' where customer_id = 'c1'"
    )
    assert "one_segment_per_model" in failed(night)


def test_a_churned_month_closes_the_identity(night):
    night.execute("delete from marts.customer_mrr_monthly where month < '2026-11-01'")
    night.execute(
        "update marts.customer_mrr_monthly set month = date '2026-10-01'"
        " where customer_id = 'c1'"
    )
    assert failed(night)["mrr_identity"].sample_keys.startswith("month=2026-11-01")
    night.execute(
        "insert into marts.mrr_movements"
        " values ('c1', date '2026-11-01', 'churn', -100.00)"
    )
    assert "mrr_identity" not in failed(night)


def test_a_table_that_was_not_made_fails_by_name(night):
    night.execute("drop table marts.mrr_movements")
    result = failed(night)["mrr_identity"]
    assert (result.observed, result.failing_rows) == (
        "missing: marts.mrr_movements",
        None,
    )


def test_a_table_without_a_date_cannot_be_checked(night):
    with pytest.raises(GateError, match="carries_tonight could not run"):
        reconcile(night, ("marts.customer_segments",))


def test_a_file_rejected_before_the_last_release_holds_no_later_night(night):
    night.execute(FAULTS["required_files_accepted"].replace("true)", "false)"))
    assert failed(night) == {}


def test_a_rejected_file_is_named_with_its_reason(night):
    night.execute(FAULTS["required_files_accepted"])
    sample = failed(night)["required_files_accepted"].sample_keys
    assert sample == "source=billing, path=x, reason=torn"


def test_a_night_without_billing_reconciles(night):
    night.execute("update features.customer_features set mrr = null")
    night.execute("delete from marts.mrr_movements")
    night.execute("delete from marts.customer_mrr_monthly")
    assert failed(night) == {}
