"""A night killed at any point leaves the old release; the next run needs no help."""

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

# The later ones begin with what the earlier ones left. At `swap` the release is
# complete and nobody reads it yet, at `state` it is current.
MOMENTS = ("a file", "segmentation", "gates", "features", "swap", "state")


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


@pytest.fixture(scope="module")
def undisturbed(folder: Path) -> Release:
    return firm.undisturbed_second_night(folder)


@pytest.fixture(scope="module")
def killed(folder: Path, undisturbed: Release) -> tuple[Settings, dict[str, Killed]]:
    """The second night, killed again and again in one home."""
    settings = firm.after_second_day(folder)
    return settings, {moment: kill(settings, moment) for moment in MOMENTS}


@pytest.mark.parametrize("moment", MOMENTS[:-1])
def test_a_killed_night_leaves_the_old_release(killed, moment):
    assert killed[1][moment] == Killed(
        exit_code=-signal.SIGKILL,
        current=f"{firm.FIRST}-1",
        customers=firm.CUSTOMERS,
        decisions=["published"],
        is_locked=False,
    )


def test_a_night_killed_after_the_swap_is_published(killed):
    # The release before it was complete, but never current: its name is taken.
    assert killed[1]["state"] == Killed(
        exit_code=-signal.SIGKILL,
        current=f"{firm.SECOND}-2",
        customers=firm.CUSTOMERS,
        decisions=["published", "published"],
        is_locked=False,
    )


def test_after_killed_nights_a_release_holds_what_an_undisturbed_one_holds(
    killed, undisturbed
):
    settings, _ = killed
    release = accepted_releases(settings)[-1]
    assert release.content_hash == undisturbed.content_hash
    assert release.manifest["predecessor"] == f"{firm.FIRST}-1"
    assert undisturbed.release_id == f"{firm.SECOND}-1"
    assert not (settings.home / "state" / f"{release.release_id}.duckdb").exists()


@pytest.fixture(scope="module")
def again(killed) -> Release:
    """The next whole night."""
    return run(killed[0], firm.SECOND)


def test_the_next_run_gives_what_an_undisturbed_one_gives(killed, again, undisturbed):
    assert again.release_id == f"{firm.SECOND}-3"
    assert again.content_hash == undisturbed.content_hash
    assert again.manifest["predecessor"] == f"{firm.FIRST}-1"
    assert firm.current_id(killed[0]) == again.release_id


def test_the_next_run_cleans_up_and_its_release_is_accepted(killed, again):
    settings, _ = killed
    assert verify(settings, again.release_id) == []
    accepted = [release.release_id for release in accepted_releases(settings)]
    assert accepted == [f"{firm.FIRST}-1", f"{firm.SECOND}-2", again.release_id]
    assert list(settings.home.rglob(".tmp-*")) == []
    assert not (settings.home / "work" / "work.duckdb").exists()
