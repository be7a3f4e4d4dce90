"""Good deliveries to be spoilt: of the demo company and of every vendor."""

import gzip
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from dagster_project.demo.company import generate
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.settings import REPOSITORY

VENDORS = REPOSITORY / "tests" / "declarations" / "vendors"
END = date(2026, 11, 20)
LARGEST = 20_000


@dataclass(frozen=True)
class Golden:
    """One good file by its path below the landing folder."""

    name: str
    packed: bytes
    group: str

    @property
    def is_gzip(self) -> bool:
        return self.name.endswith(".gz")

    @cached_property
    def content(self) -> bytes:
        """What it holds, unpacked."""
        return gzip.decompress(self.packed) if self.is_gzip else self.packed


def goldens(folder: Path, sources: list[SourceSpec]) -> dict[str, list[Golden]]:
    """Good files by the sources that read them; `folder` is for the demo's."""
    generate(60, 6, END, 1, folder / "demo")
    landings = [folder / "demo", *sorted(VENDORS.glob("*/landing"))]
    readers: dict[str, set[str]] = {}
    for landing in landings:
        for source in sources:
            for path in landing.glob(source.path):
                if path.is_file() and path.stat().st_size < LARGEST:
                    readers.setdefault(str(path), set()).add(source.name)
    found: dict[str, list[Golden]] = {}
    for text, names in sorted(readers.items()):
        path = Path(text)
        landing = next(one for one in landings if path.is_relative_to(one))
        group = "+".join(sorted(names))
        golden = Golden(str(path.relative_to(landing)), path.read_bytes(), group)
        found.setdefault(group, []).append(golden)
    return found
