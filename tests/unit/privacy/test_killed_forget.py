"""An erasure that is killed is finished by the next run, whatever was done already."""

import os
import signal
from multiprocessing import get_context
from pathlib import Path

import pytest
from privacy_world import Shop

from dagster_project.privacy.erase import erase, finish_erasures
from dagster_project.privacy.request import Request, pending, proofs
from dagster_project.settings import Settings

STEPS = (
    "request",
    "state file",
    "landing file",
    "raw/landed file",
    "raw/quarantine file",
    "raw/payments file",
    "pii",
    "ledger",
    "proof",
)


def die_at(settings: Settings, request: Request, moment: str) -> None:
    def die(step: str) -> None:
        if step == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    erase(settings, request, die)


@pytest.fixture
def killed(shop: Shop, request: pytest.FixtureRequest) -> Shop:
    shop.deliver_everything()
    shop.ingest()
    (shop.settings.home / "state").mkdir()
    (shop.settings.home / "state" / "one.duckdb").write_bytes(b"Ada Lovelace")
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    wanted = (shop.settings, shop.request(), request.param)
    process = context.Process(target=die_at, args=wanted)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    return shop


@pytest.fixture(scope="module")
def unhurt(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop of which nobody killed the erasure."""
    shop = Shop(tmp_path_factory.mktemp("unhurt"))
    shop.deliver_everything()
    shop.ingest()
    shop.forget()
    return shop


@pytest.mark.parametrize("killed", STEPS, indirect=True)
def test_the_next_run_finishes_what_was_killed(
    killed: Shop, unhurt: Shop, tmp_path: Path
) -> None:
    assert len(pending(killed.settings)) == 1
    # A night in between reads nothing new, and nothing twice.
    killed.ingest()
    finish_erasures(killed.settings)
    result = killed.ingest()

    assert pending(killed.settings) == []
    assert len(proofs(killed.settings)) == 1
    assert killed.holding() == {}
    assert [file.path for file in result.files if file.is_new] == []
    assert killed.everything() == unhurt.everything()
    assert not [p for p in tmp_path.rglob("*") if ".erasing-" in p.name]
