"""One year of a small demo company."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from demo_world import END, read_landing

from dagster_project.demo import generate


@pytest.fixture(scope="session")
def year_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    landing = tmp_path_factory.mktemp("year") / "landing"
    generate(customers=160, days=395, end=END, seed=3, out=landing)
    return landing


@pytest.fixture(scope="session")
def year(year_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = read_landing(year_folder)
    yield connection
    connection.close()
