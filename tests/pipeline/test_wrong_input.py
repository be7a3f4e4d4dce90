"""What cannot be run says so in one message, and the last release stays."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from dagster_project.errors import (
    AnotherRunInProgress,
    DeclarationError,
    SegmentsError,
    UsageError,
)
from dagster_project.night import Night
from dagster_project.publish.catalogue import Release
from dagster_project.publish.status import read_log
from dagster_project.run import check_as_of, nights_from, yesterday
from dagster_project.settings import REPOSITORY, Settings, load_settings
from dagster_project.transform import work_file
from tests.pipeline import firm
from tests.pipeline.world import declare, read, rules, run

pytestmark = pytest.mark.night

HOLD_THE_LOCK = """
import sys
from pathlib import Path
from dagster_project.publish.lock import night_lock
from dagster_project.settings import load_settings
with night_lock(load_settings(home=Path(sys.argv[1])), "2026-11-03"):
    print("ready", flush=True)
    sys.stdin.read()
"""
HOLD_THE_WORK_FILE = """
import sys
from dagster_project.warehouse import connect
with connect(sys.argv[1]) as connection:
    connection.execute("create table mine as select 1 as n")
    print("ready", flush=True)
    sys.stdin.read()
    print(connection.execute("select n from mine").fetchall(), flush=True)
"""


@contextmanager
def another_process(script: str, argument: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that does something and then waits to be told to end."""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(argument)],
        cwd=REPOSITORY,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        if not process.stdin.closed:
            process.stdin.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "a firm"


@pytest.fixture
def settings(folder: Path) -> Settings:
    return firm.after_first_night(folder)


def refused(settings: Settings, error: type[SegmentsError], day: date) -> str:
    """The message of a night that cannot run; the last release must stay."""
    with pytest.raises(error) as raised:
        run(settings, day, wait_seconds=0)
    assert firm.current_id(settings) == f"{firm.FIRST}-1"
    assert not list((settings.home / "held").glob("*"))
    message = str(raised.value)
    assert "Traceback" not in message
    return message


# What is landed


@pytest.fixture(scope="module")
def odd(folder: Path) -> Release:
    """A night with an empty feed, a malformed line and an unknown column."""
    settings = firm.after_first_night(folder)
    firm.another_day(settings, firm.SECOND)
    landing = settings.landing_folder
    answers = landing / f"survey/responses-{firm.SECOND}.csv"
    header = answers.read_text().splitlines()[0]
    answers.write_text(header + "\n")
    lines = landing / f"billing/invoice_lines-{firm.SECOND}.csv"
    first, *rest = lines.read_text().splitlines()
    rest[6] = "l6,i6,b6,not a date for ann@example.org +49 170 1234567,,,,,,12.00,EUR,"
    with_margin = [f"{first},margin", *(f"{line},0.5" for line in rest)]
    lines.write_text("\n".join(with_margin) + "\n")
    return run(settings, firm.SECOND)


def test_a_feed_with_a_header_and_no_rows_is_no_reason_to_stop(odd):
    found = read(
        odd,
        "select lines, loaded, status from source_files "
        f"where path = 'survey/responses-{firm.SECOND}.csv'",
    )
    assert found == [(0, 0, "loaded")]
    assert odd.release_id == f"{firm.SECOND}-1"


def test_a_malformed_line_is_published_with_its_place_and_masked(odd):
    ((path, line, reason, raw),) = read(
        odd, "select path, line, reason, raw from quarantine_rows"
    )
    assert path == f"billing/invoice_lines-{firm.SECOND}.csv"
    assert line == 8
    assert "invoiced_at" in reason
    assert "l6,i6,b6" in raw
    for text in (reason, raw):
        assert "ann@example.org" not in text
        assert "1234567" not in text


def test_a_column_that_nobody_declared_is_accepted(odd):
    found = read(
        odd,
        "select lines, loaded, quarantined from source_files "
        f"where path = 'billing/invoice_lines-{firm.SECOND}.csv'",
    )
    assert found == [(firm.CUSTOMERS, firm.CUSTOMERS - 1, 1)]


def test_a_missing_landing_folder_is_named_with_a_way_out(settings):
    settings.landing_folder.rename(settings.home / "elsewhere")
    message = refused(settings, UsageError, firm.SECOND)
    assert f"{settings.landing_folder}: no landing folder" in message
    assert "SEGMENTS_LANDING" in message
    assert read_log(settings)[-1].decision == "failed"
    assert read_log(settings)[-1].reasons == (message,)


# What is declared


@pytest.fixture
def declarations(folder: Path, settings: Settings):
    yield settings.declarations
    declare(settings.declarations, firm.MODELS)


def test_a_wrong_predicate_is_found_before_anything_is_computed(settings, declarations):
    wrong = "length(read_text('/etc/passwd')) > 0"
    declare(declarations, {"value": rules({"large": wrong}, "none")})
    firm.another_day(settings, firm.SECOND)
    stages: list[str] = []
    with pytest.raises(DeclarationError) as raised:
        run(settings, firm.SECOND, on_stage=stages.append)
    message = str(raised.value)
    assert f"{declarations / 'segments' / 'value.yml'}: segments[0].when" in message
    assert "READ_TEXT('/etc/passwd')" in message
    assert raised.value.exit_code == 2
    assert stages == ["ingest"]
    assert firm.current_id(settings) == f"{firm.FIRST}-1"


def test_a_declaration_with_an_unknown_key_is_named_with_file_and_key(
    settings, declarations
):
    declare(declarations, {"value": firm.MODELS["value"] | {"sements": []}})
    message = refused(settings, DeclarationError, firm.SECOND)
    assert "value.yml" in message
    assert "sements" in message


# What is in the way


def test_a_home_in_use_names_the_process(settings):
    with another_process(HOLD_THE_LOCK, settings.home) as other:
        message = refused(settings, AnotherRunInProgress, firm.SECOND)
    assert f"process {other.pid} (2026-11-03)" in message
    assert AnotherRunInProgress.exit_code == 1
    assert [entry.decision for entry in read_log(settings)] == ["published"]


def test_a_work_file_that_another_program_has_open_is_left_to_it(settings):
    firm.another_day(settings, firm.SECOND)
    count = "select count(*) from duckdb_tables() where table_name = 'mine'"
    with (
        another_process(HOLD_THE_WORK_FILE, work_file(settings)) as other,
        Night(settings, firm.SECOND) as night,
    ):
        night.ingest()
        with night.work() as connection:
            assert connection.execute(count).fetchone() == (0,)
        assert other.communicate()[0] == "[(1,)]\n"


def test_a_home_that_cannot_be_made_is_named(tmp_path, settings):
    # Root may write anywhere: a path below a regular file refuses even root.
    blocker = tmp_path / "a file"
    blocker.write_text("in the way")
    blocked = load_settings(home=blocker / "home", landing=settings.landing_folder)
    with pytest.raises(SegmentsError) as raised:
        run(blocked, firm.SECOND)
    assert str(blocker) in str(raised.value)
    assert raised.value.exit_code == 1
    assert blocker.read_text() == "in the way"


def test_a_folder_of_the_home_that_is_a_file_is_named(settings):
    raw = settings.home / "raw"
    raw.rename(settings.home / "aside")
    raw.write_text("in the way")
    message = refused(settings, SegmentsError, firm.SECOND)
    assert str(raw) in message


# Which night is asked for


def test_a_day_that_is_not_over_is_refused_with_the_last_that_is(settings):
    today = yesterday(settings) + timedelta(days=1)
    message = refused(settings, UsageError, today)
    assert f"--as-of {today}: that day is not over" in message
    assert str(yesterday(settings)) in message


def test_a_day_before_all_data_is_refused(settings):
    assert "nights begin in 2000" in refused(settings, UsageError, date(1970, 1, 1))
    check_as_of(settings, date(2000, 1, 1))


def test_a_night_older_than_the_current_one_is_refused_with_a_way_out(settings):
    message = refused(settings, UsageError, firm.FIRST - timedelta(days=1))
    assert "is older than the current release 2026-11-02-1" in message
    assert "--from 2026-11-01" in message


def test_a_rebuild_cannot_begin_after_its_last_night(settings):
    with pytest.raises(UsageError, match="--from 2026-11-04 is later than 2026-11-03"):
        list(nights_from(settings, firm.THIRD, firm.SECOND))
    assert UsageError.exit_code == 2
