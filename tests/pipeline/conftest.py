from pathlib import Path

import pytest

from tests.pipeline import world


@pytest.fixture
def tiny_home(tmp_path: Path):
    """An empty home with the shipped declarations, in a path with a space."""
    return world.make_home(tmp_path / "a company")
