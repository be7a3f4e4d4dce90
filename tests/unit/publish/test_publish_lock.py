import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from publish_world import settings_of

from dagster_project.errors import AnotherRunInProgress, SegmentsError
from dagster_project.publish.lock import LockHolder, lock_holder, night_lock
from dagster_project.settings import Settings

SATURDAY = date(2026, 11, 21)
# Takes the lock, starts a child that would inherit every inheritable descriptor,
# says so and waits to be killed.
OTHER_RUN = """
import subprocess, sys
from pathlib import Path
from publish_world import settings_of
from dagster_project.publish.lock import night_lock
with night_lock(settings_of(Path(sys.argv[1])), "2026-11-20"):
    child = subprocess.Popen(["cat"], stdin=sys.stdin, close_fds=False)
    print(child.pid, flush=True)
    child.wait()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "home")


@pytest.fixture
def other_run(settings: Settings) -> Iterator[subprocess.Popen]:
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parents[2])])
    run = subprocess.Popen(
        [sys.executable, "-c", OTHER_RUN, str(settings.home)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout.readline().strip().isdigit()
    yield run
    run.stdin.close()
    run.kill()
    run.wait()


def test_the_lock_names_its_holder_and_is_free_afterwards(settings):
    assert lock_holder(settings) is None
    with night_lock(settings, SATURDAY):
        assert lock_holder(settings) == LockHolder(os.getpid(), "2026-11-21")
    assert lock_holder(settings) is None


def test_a_second_run_is_refused_and_told_who_holds_the_lock(settings, other_run):
    with (
        pytest.raises(AnotherRunInProgress, match=rf"{other_run.pid} \(2026-11-20\)"),
        night_lock(settings, SATURDAY, wait_seconds=0),
    ):
        pytest.fail("two runs at once")
    assert lock_holder(settings) == LockHolder(other_run.pid, "2026-11-20")


def test_a_killed_run_frees_the_lock_though_its_child_lives(settings, other_run):
    other_run.send_signal(signal.SIGKILL)
    other_run.wait()
    with night_lock(settings, SATURDAY, wait_seconds=0):
        assert lock_holder(settings).pid == os.getpid()


def test_a_waiting_run_goes_on_when_the_other_ends(settings, other_run):
    other_run.stdin.close()
    with night_lock(settings, SATURDAY, wait_seconds=60):
        assert lock_holder(settings).pid == os.getpid()


def test_an_error_within_frees_the_lock(settings):
    with pytest.raises(ZeroDivisionError), night_lock(settings, SATURDAY):
        raise ZeroDivisionError
    with night_lock(settings, SATURDAY, wait_seconds=0):
        pass


def test_the_lock_is_not_taken_twice_by_one_process(settings):
    with (
        night_lock(settings, SATURDAY),
        pytest.raises(AnotherRunInProgress, match=str(os.getpid())),
        night_lock(settings, SATURDAY, wait_seconds=0),
    ):
        pytest.fail("two runs at once")


def test_a_home_without_permission_gives_a_readable_error(settings, unprivileged):
    settings.home.mkdir()
    settings.home.chmod(0o555)
    with (
        unprivileged(),
        pytest.raises(SegmentsError, match="taking the lock of this home: Permission"),
        night_lock(settings, SATURDAY),
    ):
        pytest.fail("no permission")
