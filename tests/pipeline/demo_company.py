"""The demo company over two nights, and what it was after the first one.

Only what tests of equal content share; no tests and no expectations here.
"""

import shutil
from datetime import date, timedelta
from pathlib import Path

from dagster_project.demo import generate
from dagster_project.publish.catalogue import Release
from dagster_project.settings import Settings
from tests.pipeline import world

FIRST = date(2024, 6, 29)
SECOND = FIRST + timedelta(days=1)


class TwoNights:
    """A home after both nights, their releases, and a copy of it between them."""

    def __init__(self, folder: Path) -> None:
        self.settings = world.make_home(folder, threads=2)
        landing = self.settings.landing_folder
        generate(customers=80, days=150, end=FIRST, out=landing)
        self.first = world.run(self.settings, FIRST)
        generate(out=landing, append_day=True)
        self._after_first = folder / "after the first night"
        shutil.copytree(self.settings.home, self._after_first, symlinks=True)
        self.second = world.run(self.settings, SECOND)

    def with_the_second_before_it(self, folder: Path) -> Settings:
        """Another home: the first night is over and the second day has landed."""
        shutil.copytree(self._after_first, folder / "home", symlinks=True)
        return self.settings.model_copy(update={"home": folder / "home"})


def hashes(release: Release) -> dict[str, str]:
    """The content hash of each table that is about customers."""
    return {
        name: table["content_hash"]
        for name, table in release.manifest["tables"].items()
        if not table["operational"]
    }
