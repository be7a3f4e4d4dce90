"""Every shipped expectation is valid, explained and about a table we publish."""

from pathlib import Path

from dagster_project.gates.drift_spec import load_drift
from dagster_project.gates.suite_spec import load_suites

FOLDER = Path(__file__).parents[2] / "expectations"


def test_every_suite_is_valid_and_of_a_stage_that_runs_gates():
    suites = load_suites(FOLDER)
    assert {suite.schema_name for suite in suites} == {"raw", "features", "marts"}
    assert all(suite.key for suite in suites)


def test_every_reason_says_more_than_the_check():
    for suite in load_suites(FOLDER):
        for expectation in suite.expectations:
            assert len(expectation.meta.why.split()) >= 6, suite.path


def test_the_features_hold_a_poisoned_night():
    bounds = {bound.metric: bound for bound in load_drift(FOLDER).metrics}
    # Half of one day's amounts times 1,000 is 2.37 times the revenue of a year.
    assert bounds["revenue_12m"].critical < 2.37
    assert bounds["quarantine_share"].critical < 0.5
    assert bounds["amount_scale"].critical < 500
