"""A night killed at any point leaves the old release; the next run needs no help."""

import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from dagster_project.publish.catalogue import Release
from dagster_project.publish.lock import lock_holder
from dagster_project.publish.pointer import accepted_releases
from dagster_project.publish.status import read_log
from dagster_project.publish.verify import verify
from dagster_project.settings import Settings
from tests.pipeline import firm
from tests.pipeline.world import read, run

pytestmark = pytest.mark.night

# In this order, so that the next whole night comes right after the last of them.
MOMENTS = ("a file", "segmentation", "gates", "features")


@dataclass
class Killed:
    """What a killed night left."""

    exit_code: int | None
    current: str | None
    customers: int
    decisions: list[str]
    is_locked: bool


def kill(settings: Settings, moment: str) -> Killed:
    exit_code = firm.kill_at(settings, firm.SECOND, moment)
    (current,) = accepted_releases(settings)[-1:]
    return Killed(
        exit_code,
        firm.current_id(settings),
        read(current, "select count(*) from customer_features")[0][0],
        [entry.decision for entry in read_log(settings)],
        lock_holder(settings) is not None,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "a firm"


def second_day(folder: Path) -> Settings:
    settings = firm.after_first_night(folder)
    firm.another_day(settings, firm.SECOND)
    return settings


@pytest.fixture(scope="module")
def undisturbed(folder: Path) -> Release:
    """The second night as it is when nobody kills it, kept aside."""
    release = run(second_day(folder), firm.SECOND)
    aside = folder / release.release_id
    shutil.copytree(release.folder, aside)
    return Release(release.release_id, aside)


@pytest.fixture(scope="module")
def killed(folder: Path, undisturbed: Release) -> tuple[Settings, dict[str, Killed]]:
    """The second night, killed again and again in one home."""
    settings = second_day(folder)
    return settings, {moment: kill(settings, moment) for moment in MOMENTS}


@pytest.fixture(scope="module")
def recovered(killed) -> Release:
    return run(killed[0], firm.SECOND)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_night_leaves_the_old_release(killed, moment):
    assert killed[1][moment] == Killed(
        exit_code=-signal.SIGKILL,
        current=f"{firm.FIRST}-1",
        customers=firm.CUSTOMERS,
        decisions=["published"],
        is_locked=False,
    )


def test_the_next_run_gives_what_an_undisturbed_one_gives(recovered, undisturbed):
    assert recovered.content_hash == undisturbed.content_hash
    assert recovered.release_id == undisturbed.release_id == f"{firm.SECOND}-1"
    assert recovered.manifest["predecessor"] == f"{firm.FIRST}-1"


def test_the_next_run_cleans_up_and_its_release_is_accepted(killed, recovered):
    settings, _ = killed
    assert verify(settings, recovered.release_id) == []
    accepted = [release.release_id for release in accepted_releases(settings)]
    assert accepted == [f"{firm.FIRST}-1", f"{firm.SECOND}-1"]
    assert list(settings.home.rglob(".tmp-*")) == []
    assert not (settings.home / "work" / "work.duckdb").exists()


@pytest.fixture(scope="module")
def around_the_swap(folder: Path, recovered: Release) -> tuple[Settings, list[Killed]]:
    """Killed with the release complete, and the next run after it was made current."""
    settings = second_day(folder)
    return settings, [kill(settings, "swap"), kill(settings, "state")]


def test_a_complete_release_that_nobody_reads_yet_is_not_accepted(around_the_swap):
    before, _ = around_the_swap[1]
    assert before.exit_code == -signal.SIGKILL
    assert before.current == f"{firm.FIRST}-1"
    assert before.decisions == ["published"]


def test_a_night_killed_after_the_swap_is_published(around_the_swap, undisturbed):
    settings, (_, after) = around_the_swap
    # The first try was complete, but never current: its name is taken.
    assert after.current == f"{firm.SECOND}-2"
    assert after.decisions == ["published", "published"]
    release = accepted_releases(settings)[-1]
    assert release.content_hash == undisturbed.content_hash
    assert release.manifest["predecessor"] == f"{firm.FIRST}-1"
    assert not (settings.home / "state" / f"{release.release_id}.duckdb").exists()


def test_a_night_killed_after_the_swap_can_be_run_again(around_the_swap, undisturbed):
    settings, _ = around_the_swap
    again = run(settings, firm.SECOND)
    assert again.release_id == f"{firm.SECOND}-3"
    assert again.content_hash == undisturbed.content_hash
    assert firm.current_id(settings) == again.release_id
