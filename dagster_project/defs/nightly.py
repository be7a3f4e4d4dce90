"""The nightly job, what starts it and what happens when it does not publish."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from dagster_project.alerts import send_alert
from dagster_project.defs.outcome import OUTCOME, RUNNING, bury_dead
from dagster_project.defs.partitions import NIGHTS, PARTITION
from dagster_project.errors import AnotherRunInProgress, SegmentsError
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.operate_day import day_complete
from dagster_project.publish.lock import night_lock
from dagster_project.publish.pointer import current_release
from dagster_project.publish.status import read_log
from dagster_project.settings import Settings, load_settings

JOB = "nightly"
Asked = dg.RunRequest | dg.SkipReason
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


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
        as_of = tags.get(PARTITION, "?")
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


def done_or_under_way(
    settings: Settings, instance: dg.DagsterInstance, as_of: date
) -> str | None:
    """Why the night of a day need not be started; None when it should be."""
    current = current_release(settings)
    if current and current.as_of >= as_of:
        return f"{current.release_id} is the current release"
    wanted = dg.RunsFilter(
        job_name=JOB, tags={PARTITION: as_of.isoformat()}, statuses=UNDER_WAY
    )
    runs = instance.get_runs(wanted, limit=1)
    return f"run {runs[0].run_id} is {runs[0].status.value.lower()}" if runs else None


def request_when_complete(
    settings: Settings, instance: dg.DagsterInstance, now: datetime
) -> Asked:
    """The night of yesterday as soon as all that is required of that day has come.

    The run key is the day: it is asked for once, whatever becomes of it.
    """
    as_of = now.astimezone(settings.zone).date() - timedelta(days=1)
    if reason := done_or_under_way(settings, instance, as_of):
        return dg.SkipReason(reason)
    try:
        sources = load_sources(settings.declaration_folder("sources"))
        found = day_complete(settings, sources, now)
    except SegmentsError as error:
        return dg.SkipReason(str(error))
    if not found.is_complete:
        return dg.SkipReason(found.reason)
    day = found.as_of.isoformat()
    return dg.RunRequest(run_key=day, partition_key=day)


def request_at_two(
    settings: Settings, instance: dg.DagsterInstance, at: datetime
) -> Asked:
    """The night of the day before, unless it is accepted or already under way."""
    as_of = at.astimezone(settings.zone).date() - timedelta(days=1)
    if reason := done_or_under_way(settings, instance, as_of):
        return dg.SkipReason(reason)
    return dg.RunRequest(partition_key=as_of.isoformat())


@dg.definitions
def nightly() -> dg.Definitions:
    """The job, the sensor and the schedule that start it, the sensors that tell."""
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        partitions_def=NIGHTS,
        executor_def=dg.in_process_executor,
        description="One night: landing to a gated release.",
    )

    @dg.schedule(
        job=job,
        cron_schedule="0 2 * * *",
        execution_timezone=load_settings().timezone,
        name="every_night_at_two",
        description="The fallback: runs a night that no sensor has started.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def at_two(context: dg.ScheduleEvaluationContext) -> Asked:
        at = context.scheduled_execution_time
        return request_at_two(load_settings(), context.instance, at)

    @dg.sensor(
        job=job,
        name="when_the_day_is_complete",
        description="Starts the night once every required source has data of the day.",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=120,
    )
    def when_complete(context: dg.SensorEvaluationContext) -> Asked:
        now = datetime.now(UTC)
        return request_when_complete(load_settings(), context.instance, now)

    return dg.Definitions(
        jobs=[job],
        schedules=[at_two],
        sensors=[
            when_complete,
            alert_sensor("held", "A gate stopped the release: look at the data."),
            alert_sensor("failed", "The night broke: look at the code or the machine."),
            alert_sensor("killed", "The process of the night is gone."),
            bury_dead_runs,
        ],
    )
