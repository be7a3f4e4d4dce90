"""Held and failed nights: what BI reads stays, and everybody can see why.

The nights of one firm, each continuing from what the one before it left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dagster_project.errors import NightHeld, SegmentsError, UsageError
from dagster_project.gates.waivers import accept_check
from dagster_project.night import Night
from dagster_project.publish.catalogue import Release, list_releases
from dagster_project.publish.rollback import rollback
from dagster_project.publish.status import LogEntry, read_current_status, read_log
from dagster_project.run import nights_from
from dagster_project.settings import Settings
from dagster_project.transform import ModelError, work_file
from dagster_project.warehouse import connect
from tests.pipeline import firm
from tests.pipeline.world import read, run

pytestmark = pytest.mark.night

NO_RATE = "assert_every_currency_has_a_rate"


@dataclass
class Stopped:
    """What a night that did not publish said and left."""

    error: SegmentsError
    current: str | None
    entry: LogEntry
    stages: list[str]
    held: Path

    @property
    def message(self) -> str:
        return str(self.error)


def stopped(settings: Settings, day, hook=lambda stage: None) -> Stopped:
    stages: list[str] = []

    def on_stage(stage: str) -> None:
        stages.append(stage)
        hook(stage)

    with pytest.raises(SegmentsError) as raised:
        run(settings, day, on_stage=on_stage)
    entry = read_log(settings)[-1]
    held = settings.home / "held" / f"{entry.release_id}.duckdb"
    current = firm.current_id(settings)
    return Stopped(raised.value, current, entry, stages, held)


def in_the_work_file(settings: Settings, at_stage: str, sql: str):
    """A hook that spoils the work file when a stage begins."""

    def spoil(stage: str) -> None:
        if stage == at_stage:
            with connect(work_file(settings), settings) as connection:
                connection.execute(sql)

    return spoil


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return firm.after_first_night(tmp_path_factory.getbasetemp() / "a firm")


@pytest.fixture(scope="module")
def poisoned(settings) -> Stopped:
    """Second night: half of the amounts times 1,000."""
    firm.another_day(settings, firm.SECOND, price=firm.thousandfold_for_half)
    return stopped(settings, firm.SECOND)


@pytest.fixture(scope="module")
def without_a_rate(settings, poisoned) -> Stopped:
    """Third night: amounts are right again, but two have a currency without a rate."""
    firm.another_day(settings, firm.SECOND)
    firm.another_day(settings, firm.THIRD, in_dollars={1, 2})
    return stopped(settings, firm.THIRD)


@pytest.fixture(scope="module")
def waived(settings, without_a_rate) -> Release:
    """The third night again, after somebody accepted the failure."""
    accept_check(settings, NO_RATE, firm.THIRD, firm.FOURTH, "two small invoices")
    return run(settings, firm.THIRD)


@pytest.fixture(scope="module")
def after_a_rollback(settings, waived) -> Release:
    """Fourth night, after the third was rolled back to the first."""
    rollback(settings, f"{firm.FIRST}-1", "wrong rates")
    firm.another_day(settings, firm.FOURTH)
    return run(settings, firm.FOURTH)


@pytest.fixture(scope="module")
def rebuilt(settings, waived, after_a_rollback) -> list[tuple[str | None, Release]]:
    """The third night and all later ones, with what was current before each."""
    found = []
    for day in nights_from(settings, firm.THIRD, firm.THIRD):
        before = firm.current_id(settings)
        found.append((before, run(settings, day, rebuilding=True)))
    return found


@pytest.fixture(scope="module")
def broken(settings, rebuilt) -> Stopped:
    """Fourth night again: a table that a model reads is gone."""
    gone = in_the_work_file(settings, "features", "drop table identity.components")
    return stopped(settings, firm.FOURTH, gone)


@pytest.fixture(scope="module")
def unanswered(settings, rebuilt, broken) -> Stopped:
    """Fourth night again: every answer is 11, and a check has lost its result."""
    firm.another_day(settings, firm.FOURTH, score=lambda customer: 11)
    lost = "delete from night.check_results where check_name = 'arr_is_twelve_mrr'"
    return stopped(settings, firm.FOURTH, in_the_work_file(settings, "publish", lost))


# A poisoned feed


def test_amounts_in_another_unit_hold_the_night(poisoned):
    assert isinstance(poisoned.error, NightHeld)
    assert poisoned.error.exit_code == 3
    assert "raw.invoice_lines amount_scale: " in poisoned.message
    assert "features.customer_features revenue_12m: " in poisoned.message
    assert poisoned.stages[-1] == "publish"


def test_a_held_night_keeps_last_nights_release(poisoned, settings):
    assert poisoned.current == f"{firm.FIRST}-1"
    names = {release.release_id for release in list_releases(settings)}
    assert f"{firm.SECOND}-1" not in names


def test_the_reasons_of_a_held_night_are_in_the_log(poisoned):
    assert poisoned.entry.decision == "held"
    assert poisoned.entry.as_of == firm.SECOND
    assert poisoned.entry.release_id == f"{firm.SECOND}-1"
    assert list(poisoned.entry.reasons) == poisoned.message.splitlines()
    assert any("amount_scale" in reason for reason in poisoned.entry.reasons)


def test_a_held_night_is_kept_to_look_at_and_not_to_write(poisoned, settings):
    assert poisoned.held.stat().st_mode & 0o777 == 0o444
    assert not work_file(settings).exists()
    with connect(poisoned.held, read_only=True) as connection:
        failed = connection.execute(
            "select check_name from night.check_results "
            "where not passed and severity = 'critical' order by all"
        )
        assert ("amount_scale",) in failed.fetchall()
        tables = connection.execute("select count(*) from marts.customer_segments")
        assert tables.fetchone() == (2 * firm.CUSTOMERS,)


# A failing test of dbt


def test_a_failing_dbt_test_of_two_models_holds_the_night(without_a_rate):
    assert isinstance(without_a_rate.error, NightHeld)
    assert NO_RATE in without_a_rate.message
    assert "2 rows" in without_a_rate.message
    assert "add the rate to seeds/fx_rates.csv" in without_a_rate.message
    assert without_a_rate.entry.decision == "held"
    assert without_a_rate.current == f"{firm.FIRST}-1"


def test_a_night_held_early_does_not_go_on(without_a_rate):
    assert without_a_rate.stages == ["ingest", "prepare", "identity", "features"]
    assert without_a_rate.held.exists()


# A waiver


def test_a_waiver_lets_a_held_night_through_under_the_next_name(waived, without_a_rate):
    assert without_a_rate.entry.release_id == f"{firm.THIRD}-1"
    assert waived.release_id == f"{firm.THIRD}-2"


def test_a_waiver_is_shown_in_the_release(waived):
    ((passed, waived_by),) = read(
        waived,
        "select passed, waived_by from data_quality_results "
        f"where check_name = '{NO_RATE}'",
    )
    assert not passed
    assert waived_by.endswith(f"until {firm.FOURTH}: two small invoices")
    (warning,) = [w for w in waived.manifest["gates"]["warnings"] if NO_RATE in w]
    assert "waived" in warning
    assert "two small invoices" in waived.report.read_text(encoding="utf-8")


def test_after_held_nights_the_next_continues_from_the_last_accepted_one(waived):
    assert waived.manifest["predecessor"] == f"{firm.FIRST}-1"


# Rollback, re-runs and rebuilds


def test_after_a_rollback_the_next_night_continues_from_there(after_a_rollback):
    assert after_a_rollback.release_id == f"{firm.FOURTH}-1"
    assert after_a_rollback.manifest["predecessor"] == f"{firm.FIRST}-1"


def test_a_rerun_builds_on_the_same_predecessor_and_says_the_same(waived, rebuilt):
    again = rebuilt[0][1]
    assert again.release_id == f"{firm.THIRD}-3"
    assert again.manifest["predecessor"] == waived.manifest["predecessor"]
    assert again.content_hash == waived.content_hash


def test_a_rebuild_goes_through_the_nights_in_order(rebuilt):
    releases = [release.release_id for _, release in rebuilt]
    assert releases == [f"{firm.THIRD}-3", f"{firm.FOURTH}-2"]
    assert rebuilt[1][1].manifest["predecessor"] == f"{firm.THIRD}-3"


def test_a_rebuild_moves_current_once_at_its_end(rebuilt):
    assert [before for before, _ in rebuilt] == [f"{firm.FOURTH}-1"] * 2


def test_an_older_night_alone_is_refused(settings, rebuilt):
    with pytest.raises(UsageError, match=f"segments run --from {firm.THIRD}"):
        run(settings, firm.THIRD)
    assert firm.current_id(settings) == f"{firm.FOURTH}-2"


# A night that fails


def test_a_model_error_fails_the_night_and_does_not_hold_it(broken):
    assert isinstance(broken.error, ModelError)
    assert broken.error.exit_code == 1
    assert "model int_identity__named_persons: " in broken.message
    assert "components" in broken.message
    assert broken.entry.decision == "failed"
    assert broken.stages[-1] == "features"


def test_a_failed_night_leaves_the_release_and_nothing_held(broken):
    assert broken.current == f"{firm.FOURTH}-2"
    assert not broken.held.exists()


# Publishing without the gates


@pytest.fixture
def idle(settings, unanswered) -> Iterator[Night]:
    night = Night(settings, firm.FOURTH)
    yield night


def test_publishing_alone_is_refused(idle, settings):
    with pytest.raises(UsageError, match="run the whole job"), idle:
        idle.publish()
    assert firm.current_id(settings) == f"{firm.FOURTH}-2"
    assert read_log(settings)[-1].decision == "failed"


def test_a_check_without_a_result_holds_the_night(unanswered):
    assert isinstance(unanswered.error, NightHeld)
    missing = "missing result for features.customer_features arr_is_twelve_mrr"
    assert missing in unanswered.message


def test_answers_on_another_scale_hold_the_night_and_name_the_file(unanswered):
    assert "required_files_accepted" in unanswered.message
    assert f"survey/responses-{firm.FOURTH}.csv" in unanswered.message
    assert unanswered.current == f"{firm.FOURTH}-2"


def test_the_status_tells_what_is_current_and_how_the_last_night_ended(
    settings, unanswered
):
    status = read_current_status(settings)
    assert status is not None
    assert status.current_release == f"{firm.FOURTH}-2"
    assert status.current_as_of == firm.FOURTH
    assert status.last.decision in {"held", "failed"}


def test_every_attempt_is_in_the_log_in_order(settings, unanswered):
    decisions = [entry.decision for entry in read_log(settings)]
    assert decisions[:9] == [
        "published",
        "held",
        "held",
        "published",
        "rolled_back",
        "published",
        "published",
        "published",
        "failed",
    ]
    assert "held" in decisions[9:]
