"""What starts a night: the sensor when the day is complete, the schedule at two."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project import control
from dagster_project.defs import launch, nightly
from dagster_project.defs.ingest import freshness
from dagster_project.defs.nightly import request_at_two, request_when_complete
from dagster_project.defs.partitions import PARTITION
from dagster_project.defs.tables import markdown
from dagster_project.ingest.operate_day import Completeness
from dagster_project.settings import Settings

DAY = date(2026, 11, 20)
AT_TWO = datetime(2026, 11, 21, 2, tzinfo=UTC)

SOURCE = """
feed: invoice_lines
path: "*.csv"
format: csv
delivery: events
required: true
"""
LINES = """invoice_line_id,invoice_id,invoiced_at,amount
l1,i1,2026-11-20T10:00:00Z,10.00
"""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "declarations" / "sources").mkdir(parents=True)
    (tmp_path / "declarations" / "sources" / "lines.yml").write_text(SOURCE)
    (tmp_path / "home" / "landing").mkdir(parents=True)
    return Settings(
        _env_file=None,
        home=tmp_path / "home",
        declarations=tmp_path / "declarations",
    )


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything of the day has come; how that is known has its own tests."""
    monkeypatch.setattr(
        nightly, "day_complete", lambda *_: Completeness(DAY, True, "all there")
    )


def a_run(
    instance: dg.DagsterInstance, day: date, status: dg.DagsterRunStatus
) -> dg.DagsterRun:
    @dg.job(name="nightly")
    def job() -> None:
        pass

    return instance.create_run_for_job(
        job,
        tags={PARTITION: day.isoformat()},
        status=status,
        remote_job_origin=launch._origin().get_job_origin("nightly"),
    )


# The sensor


@pytest.mark.usefixtures("complete")
def test_the_night_is_requested_once_for_its_day(settings, instance):
    asked = request_when_complete(settings, instance, AT_TWO)
    assert isinstance(asked, dg.RunRequest)
    assert (asked.run_key, asked.partition_key) == ("2026-11-20", "2026-11-20")


def test_an_incomplete_day_says_what_it_waits_for(settings, instance):
    asked = request_when_complete(settings, instance, AT_TWO)
    assert isinstance(asked, dg.SkipReason)
    assert "no data of 2026-11-20 yet: lines" in str(asked.skip_message)


def test_a_delivery_of_the_day_starts_its_night_after_a_quiet_while(settings, instance):
    path = settings.landing_folder / "a.csv"
    path.touch()
    later = datetime.fromtimestamp(path.stat().st_ctime, UTC) + timedelta(minutes=20)
    day = (later.date() - timedelta(days=1)).isoformat()
    path.write_text(LINES.replace("2026-11-20", day))
    soon = request_when_complete(settings, instance, later - timedelta(minutes=10))
    assert "minutes ago: a.csv" in str(soon.skip_message)
    assert request_when_complete(settings, instance, later).partition_key == day


def test_a_wrong_declaration_is_a_reason_and_no_crash(settings, instance):
    (settings.declarations / "sources" / "lines.yml").write_text("feed: lines")
    asked = request_when_complete(settings, instance, AT_TWO)
    assert "unknown feed lines" in str(asked.skip_message)


# The schedule


def test_at_two_the_night_of_the_day_before_is_requested(settings, instance):
    asked = request_at_two(settings, instance, AT_TWO)
    assert asked.partition_key == "2026-11-20"


def test_the_day_before_is_that_of_the_business_zone(settings, instance):
    zoned = settings.model_copy(update={"timezone": "America/New_York"})
    at = datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert request_at_two(zoned, instance, at).partition_key == "2026-11-20"


# Both


@pytest.mark.usefixtures("complete")
@pytest.mark.parametrize("request_night", [request_when_complete, request_at_two])
@pytest.mark.parametrize("status", ["QUEUED", "STARTING", "STARTED"])
def test_a_night_under_way_is_not_started_again(
    settings, instance, request_night, status
):
    run = a_run(instance, DAY, dg.DagsterRunStatus[status])
    asked = request_night(settings, instance, AT_TWO)
    assert f"run {run.run_id} is {status.lower()}" in str(asked.skip_message)


@pytest.mark.usefixtures("complete")
@pytest.mark.parametrize("request_night", [request_when_complete, request_at_two])
def test_a_night_that_ended_badly_or_is_of_another_day_does_not_count(
    settings, instance, request_night
):
    a_run(instance, DAY, dg.DagsterRunStatus.FAILURE)
    a_run(instance, date(2026, 11, 19), dg.DagsterRunStatus.STARTED)
    assert isinstance(request_night(settings, instance, AT_TWO), dg.RunRequest)


@pytest.mark.usefixtures("complete")
@pytest.mark.parametrize("request_night", [request_when_complete, request_at_two])
def test_an_accepted_night_is_not_run_again(
    settings, instance, request_night, monkeypatch
):
    class Released:
        as_of = DAY
        release_id = "2026-11-20-1"

    monkeypatch.setattr(nightly, "current_release", lambda _: Released)
    asked = request_night(settings, instance, AT_TWO)
    assert "2026-11-20-1 is the current release" in str(asked.skip_message)


# How fresh a feed is


def laid_out(*files: tuple[str, str], required: bool) -> duckdb.DuckDBPyConnection:
    """The control tables of a night with files of (feed, last day)."""
    connection = duckdb.connect()
    connection.execute("create schema night")
    connection.execute(
        f"create table night.control as select date '{DAY}' as as_of_date"
    )
    connection.execute(control.FILES)
    for feed, last in files:
        connection.execute(
            "insert into night.files (feed, status, max_on, first_seen_at) "
            "values (?, 'loaded', ?, '2026-11-18 05:00:00')",
            [feed, last],
        )
    connection.execute(
        "create table night.sources as select 'invoice_lines' as feed, ? as required",
        [required],
    )
    return connection


@pytest.mark.parametrize(
    ("last", "required", "passed", "text"),
    [
        ("2026-11-20", True, True, "up to date: it reaches 2026-11-20"),
        ("2026-11-19", True, True, "1 days old: its last day is 2026-11-19"),
        ("2026-11-18", True, False, "2 days old: its last day is 2026-11-18"),
        ("2026-11-14", False, True, "6 days old: its last day is 2026-11-14"),
        ("2026-11-12", False, False, "8 days old: its last day is 2026-11-12"),
    ],
)
def test_a_feed_is_as_fresh_as_its_last_business_day(last, required, passed, text):
    found = freshness(
        laid_out(("invoice_lines", last), required=required), "invoice_lines"
    )
    assert (found.passed, found.description) == (passed, text)
    expected = dg.AssetCheckSeverity.ERROR if required else dg.AssetCheckSeverity.WARN
    assert found.severity == expected


def test_a_feed_that_never_came_is_only_missed_when_it_is_required():
    assert freshness(laid_out(required=False), "invoice_lines").passed
    assert not freshness(laid_out(required=True), "invoice_lines").passed


def test_a_feed_without_a_business_day_is_as_fresh_as_its_last_file():
    connection = laid_out(("products", "2026-01-01"), required=False)
    assert freshness(connection, "products").description == (
        "2 days old: its last day is 2026-11-18"
    )


def test_names_of_files_stay_in_their_cell():
    text = markdown(["file", "lines"], [["a|b<script>\n.csv", 1234]], of=3)
    assert text.splitlines()[2] == r"| a\|b\<script\> .csv | 1,234 |"
    assert text.endswith("and 2 more")
    assert markdown(["file"], []) == "none"
