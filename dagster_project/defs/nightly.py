"""The nightly job, its schedule and what happens when it does not publish."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.alerts import send_alert
from dagster_project.defs.outcome import OUTCOME, RUNNING, bury_dead
from dagster_project.defs.partitions import NIGHTS
from dagster_project.errors import AnotherRunInProgress
from dagster_project.publish.lock import night_lock
from dagster_project.publish.status import read_log
from dagster_project.settings import load_settings

JOB = "nightly"


def alert_sensor(outcome: str, text: str) -> dg.SensorDefinition:
    """Tells people about every run with this outcome."""

    @dg.run_failure_sensor(
        name=f"night_{outcome}",
        description=text,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        # The tag is written after the run was loaded for this context.
        run = context.instance.get_run_by_id(context.dagster_run.run_id)
        tags = run.tags if run else {}
        reached = tags.get(OUTCOME, RUNNING)
        if (reached if reached != RUNNING else "failed") != outcome:
            return dg.SkipReason(f"the run was {reached}, not {outcome}")
        as_of = tags.get("dagster/partition", "?")
        log = read_log(load_settings())
        own = [entry for entry in log if entry.run_id == context.dagster_run.run_id]
        reasons = "\n".join(own[-1].reasons) if own else context.failure_event.message
        ways = send_alert(
            load_settings(), f"The night of {as_of} was {outcome}", str(reasons)
        )
        context.log.info(f"{outcome} {as_of}: told {', '.join(ways) or 'nobody'}")
        return None

    return sensor


@dg.sensor(
    name="bury_dead_runs",
    description="Frees the queue from runs whose process was killed.",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
)
def bury_dead_runs(context: dg.SensorEvaluationContext) -> Iterator[dg.SkipReason]:
    """A queued run cannot clean up for itself."""
    try:
        with night_lock(load_settings(), "burying dead runs", wait_seconds=0):
            buried = bury_dead(context.instance)
    except AnotherRunInProgress:
        yield dg.SkipReason("a night is running")
        return
    yield dg.SkipReason(f"buried {', '.join(buried)}" if buried else "nobody is dead")


@dg.definitions
def nightly() -> dg.Definitions:
    """The job, the schedule and the sensors."""
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        partitions_def=NIGHTS,
        executor_def=dg.in_process_executor,
        description="One night: landing to a gated release.",
    )
    schedule = dg.build_schedule_from_partitioned_job(
        job,
        name="every_night_at_two",
        hour_of_day=2,
        minute_of_hour=0,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(
        jobs=[job],
        schedules=[schedule],
        sensors=[
            alert_sensor("held", "A gate stopped the release: look at the data."),
            alert_sensor("failed", "The night broke: look at the code or the machine."),
            alert_sensor("killed", "The process of the night is gone."),
            bury_dead_runs,
        ],
    )
