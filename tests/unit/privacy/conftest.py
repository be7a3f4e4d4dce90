from pathlib import Path

import pytest
from privacy_world import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
