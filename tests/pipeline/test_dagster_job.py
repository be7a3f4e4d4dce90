"""The night as Dagster's job: what it publishes, holds, refuses and survives.

One home, night after night, as the fixtures below tell it in order. The runs are those
that the command line and the UI start.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import pytest
from dagster import DagsterEventType, DagsterRunStatus
from dagster._core.definitions.reconstruct import (
    ReconstructableJob,
    ReconstructableRepository,
)
from dagster._core.execution.api import execute_run

from dagster_project.cli import run_cli
from dagster_project.gates.suite_spec import load_suites
from dagster_project.night import Night
from dagster_project.publish.lock import lock_holder, night_lock
from dagster_project.publish.status import LogEntry, read_log
from dagster_project.settings import REPOSITORY, Settings
from tests.pipeline import firm
from tests.pipeline.world import PEPPER

pytestmark = pytest.mark.night

OUTCOME = "segments/outcome"
NO_RATE = "assert_every_currency_has_a_rate"

# At which call of the night the process of the job kills itself: the first of dbt and
# the last of all. test_kills.py has the moments between them.
MOMENTS = ("build", "publish")
KILLED = """
import os, signal, sys
from datetime import date
from dagster_project.defs.launch import run_job
from dagster_project.night import Night
from dagster_project.settings import load_settings

setattr(Night, sys.argv[1], lambda *given: os.kill(os.getpid(), signal.SIGKILL))
run_job(load_settings(), date.fromisoformat(sys.argv[2]))
"""


class Run(NamedTuple):
    """A finished run, what it left and what BI reads after it."""

    outcome: str
    run: dg.DagsterRun
    current: str | None
    entry: LogEntry | None

    @property
    def id(self) -> str:
        return self.run.run_id

    def events(self, kind: DagsterEventType) -> list[dg.DagsterEvent]:
        with dg.DagsterInstance.get() as instance:
            records = instance.get_records_for_run(self.id, of_type=kind).records
        found = [record.event_log_entry.dagster_event for record in records]
        return [event for event in found if event]

    def steps(self, kind: DagsterEventType) -> set[str]:
        return {event.step_key or "" for event in self.events(kind)}


class Process(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str


# What a night of the job costs is mostly its first one: all share this process.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "a firm"


@pytest.fixture(scope="module")
def content_hash(folder: Path) -> str:
    """Of the second night, run without Dagster."""
    return firm.undisturbed_second_night(folder).content_hash


@pytest.fixture(scope="module")
def settings(folder: Path, content_hash: str) -> Iterator[Settings]:
    """The home again after its first night, and all that Dagster needs to find it."""
    settings = firm.after_second_day(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTS_HOME", str(settings.home))
        patch.setenv("SEGMENTS_DECLARATIONS", str(settings.declarations))
        patch.setenv("SEGMENTS_PEPPER", PEPPER)
        patch.setenv("SEGMENTS_THREADS", str(settings.threads))
        patch.setenv("SEGMENTS_MEMORY_LIMIT", settings.memory_limit)
        patch.setenv("SEGMENTS_TIMEZONE", settings.timezone)
        patch.setenv("SEGMENTS_WEBHOOK_URL", "")
        patch.setenv("SEGMENTS_SMTP_URL", "")
        patch.setenv("DAGSTER_HOME", str(settings.home / "dagster"))
        yield settings


def python(*arguments: str) -> Process:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=REPOSITORY, capture_output=True, text=True
    )
    return Process(done.returncode, done.stdout, done.stderr)


def command(*arguments: str) -> Process:
    """A command line in this process, which has imported everything already."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run_cli([*arguments])
    return Process(code, out.getvalue(), err.getvalue())


def latest(settings: Settings, outcome: str | None = None) -> Run:
    """The run that was created last."""
    with dg.DagsterInstance.get() as instance:
        found = instance.get_runs(limit=1)[0]
    entries = [one for one in read_log(settings) if one.run_id == found.run_id]
    return Run(
        outcome or found.tags.get(OUTCOME, ""),
        found,
        firm.current_id(settings),
        entries[-1] if entries else None,
    )


def job(settings: Settings, day: date) -> Run:
    """Run the job as the command line does."""
    from dagster_project.defs.launch import run_job

    return latest(settings, run_job(settings, day))


def repository() -> ReconstructableRepository:
    return ReconstructableRepository.for_module(
        "dagster_project.definitions", "defs", str(REPOSITORY)
    )


def materialize(settings: Settings, day: date, *keys: list[str]) -> Run:
    """Materialise some assets, as a click on them in the UI does."""
    selection = frozenset(dg.AssetKey(key) for key in keys)
    assets = repository().get_reconstructable_job("__ASSET_JOB")
    some = assets.get_subset(asset_selection=selection)
    with dg.DagsterInstance.get() as instance:
        created = instance.create_run_for_job(
            some.get_definition(),
            tags={"dagster/partition": str(day)},
            asset_selection=selection,
            job_code_origin=some.get_python_origin(),
        )
        execute_run(some, created, instance, raise_on_error=False)
    return latest(settings)


def from_failure(settings: Settings, failed: Run) -> Run:
    """Re-execute a run from its failed step, as the button in the UI does."""
    nightly: ReconstructableJob = repository().get_reconstructable_job("nightly")
    with dg.DagsterInstance.get() as instance:
        dg.execute_job(
            nightly,
            instance,
            tags={**failed.run.tags},
            reexecution_options=dg.ReexecutionOptions.from_failure(failed.id, instance),
        )
    return latest(settings)


# The nights of the home, in order


@pytest.fixture(scope="module")
def killed(settings: Settings) -> list[tuple[Process, Run]]:
    """Second night: its process dies, twice."""
    found = []
    for moment in MOMENTS:
        process = python("-c", KILLED, moment, str(firm.SECOND))
        found.append((process, latest(settings)))
    return found


@pytest.fixture(scope="module")
def published(settings: Settings, killed) -> Run:
    """Second night again, and nobody cleaned up."""
    return job(settings, firm.SECOND)


@pytest.fixture(scope="module")
def broken(settings: Settings, published: Run) -> Run:
    """Second night once more, with a file of raw that the disk has spoilt."""
    (path,) = (settings.home / "raw" / "billing_customers").glob("*.parquet")
    whole, mode = path.read_bytes(), path.stat().st_mode
    path.chmod(0o644)
    path.write_bytes(whole[:4] + b"?" * 64 + whole[68:])
    found = job(settings, firm.SECOND)
    path.write_bytes(whole)
    path.chmod(mode)
    return found


@pytest.fixture(scope="module")
def reexecuted(settings: Settings, broken: Run) -> Run:
    """The same run from its failure on, after the file was mended."""
    return from_failure(settings, broken)


@pytest.fixture(scope="module")
def alone(settings: Settings, reexecuted: Run) -> Run:
    """Third night: somebody clicks on the release and on nothing else."""
    firm.another_day(settings, firm.THIRD, in_dollars={1, 2})
    return materialize(settings, firm.THIRD, ["publish", "release"])


@pytest.fixture(scope="module")
def unchecked(settings: Settings, alone: Run) -> Run:
    """Third night: somebody clicks on the first asset and on the last."""
    from dagster_project.defs.ingest import SPECS

    first = [list(spec.key.path) for spec in SPECS]
    return materialize(settings, firm.THIRD, *first, ["publish", "release"])


@pytest.fixture(scope="module")
def without_a_rate(settings: Settings, unchecked: Run) -> Run:
    """Third night: two customers pay in a currency without a rate."""
    return job(settings, firm.THIRD)


@pytest.fixture(scope="module")
def poisoned(settings: Settings, without_a_rate: Run) -> tuple[Process, Run]:
    """Third night, from the command line: half of the amounts times 1,000."""
    firm.another_day(settings, firm.THIRD, price=firm.thousandfold_for_half)
    return command("run", "--as-of", str(firm.THIRD)), latest(settings)


@pytest.fixture(scope="module")
def second_at_once(settings: Settings, poisoned) -> Run:
    """Third night, while another run is in progress for longer than it waits."""
    with pytest.MonkeyPatch.context() as patch:
        defaults = Night.__init__.__kwdefaults__
        assert defaults is not None
        patch.setitem(defaults, "wait_seconds", 0)
        with night_lock(settings, firm.THIRD):
            return job(settings, firm.THIRD)


# A killed process


@pytest.mark.parametrize("number", range(len(MOMENTS)), ids=MOMENTS)
def test_a_killed_run_leaves_the_release_and_no_lock(killed, settings, number):
    process, left = killed[number]
    assert process.code == -signal.SIGKILL, process.err
    assert left.run.status == DagsterRunStatus.STARTED
    assert left.current == f"{firm.FIRST}-1"
    assert left.entry is None
    assert lock_holder(settings) is None


def test_the_next_run_buries_the_dead(killed, published):
    with dg.DagsterInstance.get() as instance:
        for _, left in killed:
            found = instance.get_run_by_id(left.id)
            assert found
            assert found.status == DagsterRunStatus.FAILURE
            assert found.tags[OUTCOME] == "killed"


# A night that is published


def test_a_published_run_says_so(published):
    assert published.outcome == "published"
    assert published.run.status == DagsterRunStatus.SUCCESS
    assert published.run.tags[OUTCOME] == "published"
    assert published.run.tags["dagster/partition"] == str(firm.SECOND)
    assert published.current == f"{firm.SECOND}-1"
    assert published.entry and published.entry.decision == "published"


def test_the_run_of_the_command_line_is_listed_under_the_job_in_the_ui(published):
    origin = published.run.remote_job_origin
    assert published.run.job_name == "nightly"
    assert origin and origin.job_name == "nightly"
    assert origin.repository_origin.code_location_origin.location_name == "segments"


def test_the_job_gives_what_the_night_without_dagster_gives(published, content_hash):
    assert published.entry and published.entry.content_hash == content_hash


def test_every_step_ran_and_every_check_has_a_result(published):
    checks = DagsterEventType.ASSET_CHECK_EVALUATION
    planned = DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
    found = [event.asset_check_evaluation_data for event in published.events(checks)]
    promised = {
        (event.event_specific_data.asset_key, event.event_specific_data.check_name)
        for event in published.events(planned)
    }
    assert {(one.asset_key, one.check_name) for one in found} == promised
    suites = load_suites(REPOSITORY / "expectations")
    assert len(found) > sum(len(suite.expectations) for suite in suites)
    blocked = [one for one in found if one.severity.value == "ERROR" and not one.passed]
    assert blocked == []


def test_every_table_shows_its_rows_and_columns(published, settings):
    shown = {
        event.asset_key.to_user_string(): event.materialization.metadata
        for event in published.events(DagsterEventType.ASSET_MATERIALIZATION)
        if event.asset_key
    }
    no_table = {
        "night/control",
        "release/predecessor",
        "gates/data_quality_results",
        "publish/release",
    }
    for name in shown.keys() - no_table:
        assert "dagster/row_count" in shown[name], name
        assert shown[name]["dagster/column_schema"].value.columns, name
    features = shown["features/customer_features"]
    assert features["dagster/row_count"].value == firm.CUSTOMERS
    columns = {one.name: one for one in features["dagster/column_schema"].value.columns}
    assert columns["mrr"].type == "DECIMAL(18,2)"
    assert columns["mrr"].description
    release = shown["publish/release"]
    assert release["release"].value == f"{firm.SECOND}-1"
    assert release["customers"].value == firm.CUSTOMERS
    assert release["content hash"].value == published.entry.content_hash


# A night that fails


def test_a_model_that_cannot_be_built_fails_the_run_and_does_not_hold_it(broken):
    assert broken.outcome == "failed"
    assert broken.run.status == DagsterRunStatus.FAILURE
    assert broken.run.tags[OUTCOME] == "failed"
    assert broken.steps(DagsterEventType.STEP_FAILURE) == {"dbt_prepare"}
    assert broken.entry and broken.entry.decision == "failed"
    assert any("int_identity" in reason for reason in broken.entry.reasons)
    assert broken.current == f"{firm.SECOND}-1"


def test_a_run_that_is_re_executed_goes_on_where_it_failed(broken, reexecuted):
    assert reexecuted.run.root_run_id == broken.id
    done = reexecuted.steps(DagsterEventType.STEP_SUCCESS)
    assert done.isdisjoint(broken.steps(DagsterEventType.STEP_SUCCESS))
    assert "dbt_prepare" in done
    assert "ingest" not in done


def test_a_run_that_is_re_executed_publishes_the_same(reexecuted, content_hash):
    assert reexecuted.outcome == "published"
    assert reexecuted.run.status == DagsterRunStatus.SUCCESS
    assert reexecuted.entry and reexecuted.entry.content_hash == content_hash
    assert reexecuted.current == reexecuted.entry.release_id


# A night that is not checked


def test_the_release_alone_is_refused(alone, reexecuted):
    assert alone.outcome == "failed"
    assert alone.current == reexecuted.current
    assert alone.entry and alone.entry.decision == "failed"
    assert "run the whole job" in alone.entry.reasons[0]


def test_a_release_without_its_checks_is_refused(unchecked, reexecuted):
    assert unchecked.outcome == "held"
    assert unchecked.current == reexecuted.current
    assert unchecked.entry and unchecked.entry.decision == "held"
    missing = [one for one in unchecked.entry.reasons if "missing result for" in one]
    assert len(missing) > 1


# A night that is held


def test_a_failing_dbt_test_holds_the_run(without_a_rate, reexecuted):
    assert without_a_rate.outcome == "held"
    assert without_a_rate.run.status == DagsterRunStatus.FAILURE
    assert without_a_rate.run.tags[OUTCOME] == "held"
    assert without_a_rate.current == reexecuted.current
    assert without_a_rate.entry and without_a_rate.entry.decision == "held"
    assert any(NO_RATE in reason for reason in without_a_rate.entry.reasons)


def test_what_comes_after_a_failed_test_is_not_run(without_a_rate):
    done = without_a_rate.steps(DagsterEventType.STEP_SUCCESS)
    assert "segmentation" not in done
    assert "publish__release" not in done


def test_a_poisoned_feed_ends_the_command_with_3(poisoned):
    process, _ = poisoned
    assert process.code == 3, process.err
    assert "held by a gate" in process.out
    assert "amount_scale" in process.out
    assert "Traceback" not in process.out + process.err


def test_a_poisoned_feed_holds_the_run_and_the_release_stays(poisoned, reexecuted):
    _, held = poisoned
    assert held.run.tags[OUTCOME] == "held"
    assert held.current == reexecuted.current
    assert held.entry and held.entry.decision == "held"
    assert any("amount_scale" in reason for reason in held.entry.reasons)


def test_the_reasons_of_a_held_run_are_seen_in_the_ui(poisoned):
    (failure,) = poisoned[1].events(DagsterEventType.STEP_FAILURE)
    error = failure.step_failure_data.error
    assert error and "amount_scale" in error.to_string()


# Two runs at once


def test_a_run_that_cannot_have_the_lock_names_who_has_it(second_at_once, settings):
    assert second_at_once.outcome == "failed"
    assert second_at_once.run.status == DagsterRunStatus.FAILURE
    (failure,) = second_at_once.events(DagsterEventType.RUN_FAILURE)
    assert f"process {os.getpid()} ({firm.THIRD})" in str(failure.job_failure_data)


def test_a_run_that_cannot_have_the_lock_touches_nothing(second_at_once, reexecuted):
    assert second_at_once.entry is None
    assert second_at_once.current == reexecuted.current
    assert second_at_once.steps(DagsterEventType.STEP_START) == set()


# Who is told


@pytest.mark.parametrize(
    ("of_run", "sensor"),
    [
        ("without_a_rate", "held"),
        ("broken", "failed"),
        ("alone", "failed"),
        ("second_at_once", "failed"),
    ],
)
def test_the_sensor_of_its_outcome_and_no_other_tells_of_a_run(
    request, second_at_once, of_run, sensor
):
    ended: Run = request.getfixturevalue(of_run)
    told = {name for name in ("held", "failed", "killed") if _tells(ended, name)}
    assert told == {sensor}


def _tells(ended: Run, outcome: str) -> bool:
    from dagster_project.defs.nightly import alert_sensor

    (failure,) = ended.events(DagsterEventType.RUN_FAILURE)
    sensor: Callable[..., object] = alert_sensor(outcome, "of a test")
    with dg.DagsterInstance.get() as instance:
        context = dg.build_run_status_sensor_context(
            f"night_{outcome}", failure, instance, ended.run
        )
        return sensor(context.for_run_failure()) is None
