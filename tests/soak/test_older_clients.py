"""A release opens in the DuckDB clients that BI tools carry today."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.pipeline import world

pytestmark = [pytest.mark.soak, pytest.mark.night]

VERSIONS = ["1.0.0", "1.1.3", "1.4.4"]

READ = """
import sys, duckdb
folder = sys.argv[1]
release = duckdb.connect(folder + "/segments.duckdb", read_only=True)
print(release.execute("select count(*) from customer_features").fetchone()[0])
parquet = f"read_parquet('{folder}/customer_features.parquet')"
print(duckdb.execute(f"select count(*) from {parquet}").fetchone()[0])
"""


@pytest.fixture(scope="module")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> world.Release:
    """One published night."""
    settings = world.make_home(tmp_path_factory.mktemp("clients") / "a company")
    day = date(2026, 1, 5)
    world.deliver_the_least(settings, day)
    customer = {"billing_customer_id": "c1", "created_at": world.at(day, "01:00")}
    world.deliver(settings, day, billing_customers=[customer])
    return world.run(settings, day)


def client(folder: Path, version: str) -> Path:
    """A Python with one old DuckDB; skips where it cannot be installed."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", f"duckdb=={version}"],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"duckdb {version} cannot be installed here: {done.stderr[-200:]}")
    return python


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_opens_in_older_clients(
    tmp_path: Path, version: str, small_release: world.Release
) -> None:
    python = client(tmp_path / version, version)
    expected = world.read(small_release, "select count(*) from customer_features")[0][0]
    done = subprocess.run(
        [python, "-c", READ, str(small_release.folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(expected), str(expected)]
