"""Declarations that read a file already: nothing has to be proposed then.

A declaration fits when it loads more rows of the sample than it refuses: real exports
have bad rows too.
"""

import gzip
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import SegmentsError
from dagster_project.ingest.grammar.field_spec import PSEUDO_COLUMNS
from dagster_project.ingest.grammar.source_spec import SourceSpec, load_sources
from dagster_project.ingest.propose.dry_run import Trial, try_declaration
from dagster_project.ingest.propose.matching import key_of
from dagster_project.ingest.propose.sample import ROWS, Sample
from dagster_project.settings import REPOSITORY, Settings

LINE_FORMATS = ("csv", "jsonl", "regex")


def known_sources(settings: Settings) -> list[SourceSpec]:
    """The declarations in use, and the shipped ones that are not."""
    own = load_sources(settings.declaration_folder("sources"))
    names = {source.name for source in own}
    shipped = load_sources(REPOSITORY / "sources")
    return own + [source for source in shipped if source.name not in names]


@dataclass(frozen=True)
class Fit:
    """A declaration that reads a sample, and how many rows it loads and refuses."""

    source: SourceSpec
    loaded: int
    refused: int


def fitting(
    settings: Settings, sources: Iterable[SourceSpec], sample: Sample
) -> list[Fit]:
    """Those that load most of the sample, the one that knows most of its columns first.

    Of several that know as much, the one that loads most rows.
    """
    found: list[tuple[tuple[int, int], Fit]] = []
    with tempfile.TemporaryDirectory(prefix="segments-") as folder:
        part = _beginning(sample, Path(folder))
        for source in sources:
            fit = _tried(settings, source, part) if _may_fit(source, sample) else None
            if fit and fit.loaded > fit.refused:
                told = sum(_holds(sample, path) for path in source.vendor_paths)
                found.append(((-told, -fit.loaded), fit))
    return [fit for _, fit in sorted(found, key=lambda one: one[0])]


def _tried(settings: Settings, source: SourceSpec, part: Path) -> Fit | None:
    try:
        trial = try_declaration(settings, source, part, limit=0)
    except SegmentsError:
        return None
    return Fit(source, loaded_rows(trial), rejected_rows(trial))


def loaded_rows(trial: Trial) -> int:
    """How many rows of a trial count."""
    return sum(one.row.loaded for one in trial.files)


def rejected_rows(trial: Trial) -> int:
    """How many rows of a trial were refused, a rejected file as at least one."""
    return sum(
        max(one.row.quarantined, one.row.status == "rejected") for one in trial.files
    )


def _may_fit(source: SourceSpec, sample: Sample) -> bool:
    """Whether a look at the columns already rules it out."""
    if source.format != sample.format:
        return source.format == "regex" and sample.format == "csv"
    if source.format == "regex":
        return True
    if source.format == "csv" and source.delimiter != sample.delimiter:
        return False
    if source.format == "csv" and bool(source.header) != bool(sample.header):
        return False
    turned = (source.unpivot.key, source.unpivot.value) if source.unpivot else ()
    required = [name for name in source.feed_spec.required if name not in turned]
    needed = [source.mapped[name].paths for name in required]
    return all(any(_holds(sample, p) for p in paths) for paths in needed if paths)


def _holds(sample: Sample, path: str) -> bool:
    if path in PSEUDO_COLUMNS:
        return True
    names = _names(sample)
    return key_of(path) in names or key_of(path.split(".")[0]) in names


def _names(sample: Sample) -> set[str]:
    every = [sample.columns, *sample.lists.values()]
    lists = [name.split("[")[0] for name in sample.lists]
    return {key_of(name) for columns in every for name in columns} | {
        key_of(name) for name in lists
    }


def _beginning(sample: Sample, folder: Path) -> Path:
    """The first lines of a big file, under the same name."""
    path = sample.path
    if sample.format not in LINE_FORMATS or path.stat().st_size < 1_000_000:
        return path
    part = folder / path.name
    is_packed = path.suffix == ".gz"
    with (
        gzip.open(path) if is_packed else path.open("rb") as whole,
        gzip.open(part, "wb") if is_packed else part.open("wb") as target,
    ):
        for line in _first(whole):
            target.write(line)
    return part


def _first(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        if number >= ROWS:
            return
        yield line
