"""What became of a run, and who is told: held is not failed, killed is neither.

Runs of tiny jobs in a temporary instance end in every way that a night can end.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterEventType, DagsterRunStatus
from dagster._core.execution.api import create_execution_plan

from dagster_project.defs import outcome
from dagster_project.defs.outcome import HOLDER, OUTCOME, RUNNING, bury_dead, outcome_of
from dagster_project.errors import NightHeld
from dagster_project.publish.catalogue import Release
from dagster_project.publish.lock import night_lock
from dagster_project.publish.status import LogEntry, append_log
from dagster_project.settings import load_settings
from dagster_project.transform import ModelError

NIGHT = date(2026, 11, 21)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def ended(
    instance: dg.DagsterInstance,
    *steps: Callable[[], object],
    name: str = "publish__release",
    tags: dict[str, str] | None = None,
) -> str:
    """The id of a run whose steps do this, side by side; the last has a name."""
    done = night_of(*steps, name=name).execute_in_process(
        instance=instance, raise_on_error=False, tags=tags
    )
    return done.run_id


def night_of(*steps: Callable[[], object], name: str) -> dg.JobDefinition:
    names = [f"step_{number}" for number, _ in enumerate(steps[1:])] + [name]

    @dg.job(executor_def=dg.in_process_executor)
    def night():
        for one, step in zip(names, steps, strict=True):
            dg.op(name=one)(as_op(step))()

    return night


def as_op(step: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        step()

    return run


def fine() -> None:
    """A step that does what it should."""


def hold() -> None:
    raise NightHeld("marts.mrr arr: 3 rows; expected none\nraw.x y: 1 row")


def break_down() -> None:
    raise ModelError("model customers: no such column")


def break_down_because_of_another() -> None:
    try:
        raise OSError("disk is full")
    except OSError as error:
        raise ModelError("model customers could not be written") from error


# The verdict


def test_a_run_with_a_release_is_published_whatever_else_it_did(instance):
    release = Release("2026-11-21-1", Path("anywhere"))
    run_id = ended(instance, break_down)
    assert outcome_of(instance, run_id, release) == ("published", [])


def test_a_run_that_a_gate_stopped_is_held_with_every_reason(instance):
    run_id = ended(instance, fine, hold)
    assert outcome_of(instance, run_id, None) == (
        "held",
        ["marts.mrr arr: 3 rows; expected none", "raw.x y: 1 row"],
    )


def test_a_run_with_an_error_is_failed_and_says_the_first_cause(instance):
    run_id = ended(instance, break_down)
    decision, reasons = outcome_of(instance, run_id, None)
    assert decision == "failed"
    assert reasons == ["model customers: no such column"]
    because = ended(instance, break_down_because_of_another)
    assert outcome_of(instance, because, None) == ("failed", ["disk is full"])


def test_a_gate_and_an_error_together_are_a_failure(instance):
    run_id = ended(instance, hold, break_down)
    decision, reasons = outcome_of(instance, run_id, None)
    assert decision == "failed"
    assert "model customers: no such column" in reasons
    assert "raw.x y: 1 row" in reasons


@dg.asset
def table() -> None:
    """A table."""


def checked(
    instance: dg.DagsterInstance, severity: dg.AssetCheckSeverity
) -> dg.ExecuteInProcessResult:
    """A run whose only check fails, with an asset that waits for it."""

    @dg.asset_check(asset=table, name="has_rows", blocking=True)
    def check() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=severity)

    @dg.asset(key=["publish", "release"], deps=[table])
    def release() -> None:
        """What is published."""

    job = dg.Definitions(
        assets=[table, release],
        asset_checks=[check],
        jobs=[dg.define_asset_job("night", executor_def=dg.in_process_executor)],
    ).resolve_job_def("night")
    return job.execute_in_process(instance=instance, raise_on_error=False)


def test_a_failed_check_that_blocks_holds_the_run(instance):
    run = checked(instance, dg.AssetCheckSeverity.ERROR)
    decision, reasons = outcome_of(instance, run.run_id, None)
    assert decision == "held"
    assert any("has_rows" in reason for reason in reasons)


def test_a_failed_check_that_warns_lets_the_run_go_on(instance):
    run = checked(instance, dg.AssetCheckSeverity.WARN)
    assert run.success
    assert [one.asset_key.path for one in run.get_asset_materialization_events()] == [
        ["table"],
        ["publish", "release"],
    ]


def test_a_success_without_a_release_is_a_failure(instance):
    run_id = ended(instance, fine)
    run = instance.get_run_by_id(run_id)
    assert run and run.status == DagsterRunStatus.SUCCESS
    reasons = ["the run ended without a release"]
    assert outcome_of(instance, run_id, None) == ("failed", reasons)


@pytest.mark.parametrize(
    ("selected", "expected"),
    [(["marts", "customer_segments"], "partial"), (["publish", "release"], "failed")],
)
def test_a_run_of_some_assets_without_the_release_is_partial(
    instance, selected, expected
):
    @dg.asset(key=selected)
    def asset() -> None:
        """One asset."""

    @dg.asset
    def another() -> None:
        """What is not selected."""

    done = dg.materialize([asset, another], instance=instance, selection=[asset])
    assert outcome_of(instance, done.run_id, None)[0] == expected


@pytest.mark.parametrize(
    ("step", "expected"), [("step_0", "partial"), ("publish__release", "failed")]
)
def test_a_run_of_some_steps_without_the_release_is_partial(instance, step, expected):
    night = night_of(fine, fine, name="publish__release")
    plan = create_execution_plan(night, step_keys_to_execute=[step])
    run = instance.create_run_for_job(night, execution_plan=plan)
    assert outcome_of(instance, run.run_id, None)[0] == expected


# Dead runs


def unfinished(
    instance: dg.DagsterInstance,
    status: DagsterRunStatus = DagsterRunStatus.STARTED,
    outcome: str | None = RUNNING,
    holds: bool = True,
) -> str:
    """A run in a state that only its own process could leave."""
    night = night_of(fine, name="publish__release")
    run_id = instance.create_run_for_job(night, status=status).run_id
    tags = {HOLDER: run_id if holds else "the run before it", OUTCOME: outcome}
    instance.add_run_tags(run_id, {k: v for k, v in tags.items() if v})
    return run_id


def state(instance: dg.DagsterInstance, run_id: str) -> tuple[str, str | None]:
    run = instance.get_run_by_id(run_id)
    assert run
    return run.status.value, run.tags.get(OUTCOME)


@pytest.fixture
def long_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has happened for longer than anybody waits."""
    monkeypatch.setattr(outcome, "GRACE_SECONDS", -1.0)


def test_runs_whose_process_is_gone_are_buried_as_killed(instance):
    dead = [
        unfinished(instance, DagsterRunStatus.STARTED),
        unfinished(instance, DagsterRunStatus.CANCELING),
    ]
    assert sorted(bury_dead(instance)) == sorted(dead)
    for run_id in dead:
        assert state(instance, run_id) == ("FAILURE", "killed")
    assert bury_dead(instance) == []


def test_who_holds_the_lock_does_not_bury_itself(instance):
    mine = unfinished(instance)
    assert bury_dead(instance, but=mine) == []
    assert state(instance, mine) == ("STARTED", RUNNING)


@pytest.mark.parametrize(
    "status",
    [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.SUCCESS, DagsterRunStatus.CANCELED],
)
def test_runs_that_are_not_under_way_are_left_alone(instance, long_after, status):
    run_id = unfinished(instance, status)
    assert bury_dead(instance) == []
    assert state(instance, run_id) == (status.value, RUNNING)


WAITING = {
    "starts": (DagsterRunStatus.STARTING, None),
    "waits for the lock": (DagsterRunStatus.STARTED, None),
    "waits for the lock after a re-execution": (DagsterRunStatus.STARTED, "failed"),
}


@pytest.mark.parametrize(("status", "outcome"), WAITING.values(), ids=WAITING)
def test_a_run_that_has_not_had_the_lock_yet_is_not_dead(instance, status, outcome):
    waiting = unfinished(instance, status, outcome, holds=False)
    assert bury_dead(instance) == []
    assert state(instance, waiting) == (status.value, outcome)


@pytest.mark.parametrize(("status", "outcome"), WAITING.values(), ids=WAITING)
def test_a_run_that_waits_longer_than_anybody_does_is_dead(
    instance, long_after, status, outcome
):
    waiting = unfinished(instance, status, outcome, holds=False)
    assert bury_dead(instance) == [waiting]
    assert state(instance, waiting) == ("FAILURE", "killed")


def test_a_run_that_has_its_verdict_is_given_time_to_end(instance):
    ending = unfinished(instance, outcome="published")
    assert bury_dead(instance) == []
    assert state(instance, ending) == ("STARTED", "published")


def test_a_run_that_died_after_its_verdict_keeps_it(instance, long_after):
    ending = unfinished(instance, outcome="published")
    assert bury_dead(instance) == [ending]
    assert state(instance, ending) == ("FAILURE", "published")


# Who is told


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a chat service on this machine hears."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(body.decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("SEGMENTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SEGMENTS_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("SEGMENTS_SMTP_URL", "")
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


def skipped(instance: dg.DagsterInstance, run_id: str, outcome: str) -> str | None:
    """Evaluate the sensor of an outcome on a failed run; why it told nobody."""
    from dagster_project.defs.nightly import alert_sensor

    run = instance.get_run_by_id(run_id)
    (failure,) = instance.get_records_for_run(
        run_id, of_type=DagsterEventType.RUN_FAILURE
    ).records
    event = failure.event_log_entry.dagster_event
    assert run and event
    sensor = alert_sensor(outcome, "of a test")
    context = dg.build_run_status_sensor_context(
        sensor.name, event, instance, run
    ).for_run_failure()
    found = sensor(context)
    return found.skip_message if isinstance(found, dg.SkipReason) else None


@pytest.mark.parametrize("outcome", ["held", "failed", "killed"])
def test_each_outcome_has_one_sensor_and_the_others_are_silent(instance, told, outcome):
    tags = {OUTCOME: outcome, "dagster/partition": str(NIGHT)}
    run_id = ended(instance, hold, tags=tags)
    for sensor in ("held", "failed", "killed"):
        why = skipped(instance, run_id, sensor)
        assert (why is None) == (sensor == outcome), sensor
    (said,) = told
    assert f"The night of {NIGHT} was {outcome}" in said


@pytest.mark.parametrize("tags", [{}, {OUTCOME: RUNNING}], ids=["before", "under way"])
def test_a_run_that_nobody_could_judge_is_failed(instance, told, tags):
    tags |= {"dagster/partition": str(NIGHT)}
    run_id = ended(instance, break_down, tags=tags)
    assert skipped(instance, run_id, "held")
    assert skipped(instance, run_id, "killed")
    assert skipped(instance, run_id, "failed") is None
    (said,) = told
    assert f"The night of {NIGHT} was failed" in said


def test_the_alert_gives_the_reasons_of_the_publish_log(instance, told):
    run_id = ended(instance, hold, tags={OUTCOME: "held"})
    append_log(
        load_settings(),
        LogEntry(
            at=datetime(2026, 11, 22, 2, 9, tzinfo=UTC),
            as_of=NIGHT,
            release_id=f"{NIGHT}-1",
            decision="held",
            reasons=("raw.invoice_lines amount_scale: 480; expected 0.5 to 2",),
            run_id=run_id,
        ),
    )
    assert skipped(instance, run_id, "held") is None
    assert "amount_scale: 480; expected 0.5 to 2" in told[0]


def test_an_alert_that_cannot_be_sent_fails_the_sensor(instance, told, monkeypatch):
    run_id = ended(instance, hold, tags={OUTCOME: "held"})
    monkeypatch.setenv("SEGMENTS_WEBHOOK_URL", "http://127.0.0.1:1/")
    with pytest.raises(Exception, match="refused"):
        skipped(instance, run_id, "held")


def burying(instance: dg.DagsterInstance) -> list[str | None]:
    from dagster_project.defs.nightly import bury_dead_runs

    context = dg.build_sensor_context(instance=instance)
    return [one.skip_message for one in bury_dead_runs(context)]


def test_a_sensor_buries_dead_runs_when_no_night_is_running(instance, told):
    dead = unfinished(instance)
    with night_lock(load_settings(), NIGHT):
        assert burying(instance) == ["a night is running"]
    assert state(instance, dead) == ("STARTED", RUNNING)
    assert burying(instance) == [f"buried {dead}"]
    assert state(instance, dead) == ("FAILURE", "killed")
    assert burying(instance) == ["nobody is dead"]


def test_whoever_hears_of_a_dead_run_knows_already_that_it_was_killed(instance, told):
    dead = unfinished(instance)
    bury_dead(instance)
    assert skipped(instance, dead, "killed") is None
    assert skipped(instance, dead, "failed")
