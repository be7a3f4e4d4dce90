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

# In the order of a night; `swap`: the release is complete and nobody reads it yet.
MOMENTS = ("a file", "features", "segmentation", "gates", "swap")


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
    found = killed[1][moment]
    assert found.exit_code == -signal.SIGKILL
    assert found.current == f"{firm.FIRST}-1"
    assert found.customers == firm.CUSTOMERS
    assert found.decisions == ["published"]
    assert not found.is_locked


def test_the_next_run_gives_what_an_undisturbed_one_gives(recovered, undisturbed):
    assert recovered.content_hash == undisturbed.content_hash
    assert recovered.manifest["predecessor"] == f"{firm.FIRST}-1"
    # The first try at the night was complete, but never current: its name is taken.
    assert recovered.release_id == f"{firm.SECOND}-2"


def test_the_next_run_cleans_up_and_only_its_release_is_accepted(killed, recovered):
    settings, _ = killed
    assert verify(settings, recovered.release_id) == []
    accepted = [release.release_id for release in accepted_releases(settings)]
    assert accepted == [f"{firm.FIRST}-1", f"{firm.SECOND}-2"]
    leftovers = [p.name for p in settings.home.rglob(".tmp-*")]
    assert leftovers == []
    assert not (settings.home / "work" / "work.duckdb").exists()


def test_a_night_killed_after_the_swap_is_published_and_can_be_run_again(
    folder, undisturbed
):
    settings = second_day(folder)
    found = kill(settings, "state")
    assert found.exit_code == -signal.SIGKILL
    assert found.current == f"{firm.SECOND}-1"
    assert found.decisions == ["published", "published"]
    assert not (settings.home / "state" / f"{firm.SECOND}-1.duckdb").exists()
    (release,) = accepted_releases(settings)[-1:]
    assert release.content_hash == undisturbed.content_hash
    assert run(settings, firm.SECOND).content_hash == undisturbed.content_hash
    assert firm.current_id(settings) == f"{firm.SECOND}-2"


def test_a_night_killed_once_before_the_features_is_as_if_it_never_began(
    folder, undisturbed
):
    settings = second_day(folder)
    assert kill(settings, "features").current == f"{firm.FIRST}-1"
    again = run(settings, firm.SECOND)
    assert again.release_id == f"{firm.SECOND}-1"
    assert again.content_hash == undisturbed.content_hash
