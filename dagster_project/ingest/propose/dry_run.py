"""What an ingest would do with files, without a trace: read in a home that is removed.

Which files those are is in `dry_run_claims.py`, how they are read in `load.py`.
"""

import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.ingest.feeds import FEEDS, HASHED, ORIGIN
from dagster_project.ingest.file_set import raw_relations
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import LedgerRow, ledger_path
from dagster_project.ingest.load import ingest
from dagster_project.ingest.propose.dry_run_claims import (
    Claim,
    each,
    has_pepper,
    in_landing,
    named,
)
from dagster_project.settings import Settings
from dagster_project.warehouse import connect, identifier, parquet_list

SHOWN_ROWS = 10

REJECTS = """
select reason, count(*) as rows, arg_min(path, (path, line)) as path,
    arg_min(line, (path, line)) as line
from read_parquet({paths}, union_by_name = true)
group by reason
order by rows desc, reason
"""


@dataclass(frozen=True)
class Tried:
    """One file as one source reads it. `standing`: what the real ledger says of it."""

    row: LedgerRow
    standing: str


@dataclass
class Trial:
    """What became of the files that an ingest would read.

    `rejects`: reason, rows and the first place; `rows`: per feed the first mapped ones;
    `known`: how many files an ingest would not read.
    """

    files: list[Tried] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    known: int = 0
    unclaimed: tuple[str, ...] = ()


def try_files(
    settings: Settings,
    sources: Sequence[SourceSpec],
    files: Sequence[Path] = (),
    source: str | None = None,
    limit: int = SHOWN_ROWS,
) -> Trial:
    """Read files as an ingest would, and keep nothing.

    Without `files`: those in the landing folder that an ingest would read now. With
    `source`, files may lie anywhere. Raises UsageError for a source that is not
    declared, or a file that no source reads.
    """
    wanted = [one for one in sources if source in (None, one.name)]
    if not wanted:
        names = ", ".join(one.name for one in sources)
        raise UsageError(
            f"--source {source}: not declared; there are {names or 'none'}"
        )
    with tempfile.TemporaryDirectory(prefix="segments-") as folder:
        temporary = Path(folder)
        try:
            if files:
                claims = named(settings, wanted, files, source is None, temporary)
                trial, due = Trial(), claims
            else:
                claims, rest = in_landing(settings, wanted, temporary)
                due = [claim for claim in claims if claim.is_due]
                trial = Trial(known=len(claims) - len(due))
                trial.unclaimed = () if source else rest
        except sqlite3.DatabaseError as error:
            path = ledger_path(settings)
            raise SegmentsError(f"{path}: cannot be used: {error}") from error
        for one, claimed in each(due):
            _read(_elsewhere(settings, temporary, one.name), one, claimed, trial)
        _look(_elsewhere(settings, temporary, ""), trial, limit)
        return trial


def try_declaration(
    settings: Settings, source: SourceSpec, file: Path, limit: int = SHOWN_ROWS
) -> Trial:
    """Read one file by a declaration that may not be in use yet, and keep nothing."""
    return try_files(settings, [source], [file], source.name, limit)


def _elsewhere(settings: Settings, temporary: Path, source: str) -> Settings:
    """The same settings with another home; hashes are those of the real one."""
    changed: dict[str, Any] = {
        "home": temporary / "home",
        "landing": temporary / "landing" / source,
        # Whoever tries a file knows that it is complete.
        "settle_seconds": 0.0,
    }
    if has_pepper(settings):
        changed["pepper"] = SecretStr(settings.pepper_bytes.decode())
    return settings.model_copy(update=changed)


def _read(
    elsewhere: Settings, source: SourceSpec, claims: list[Claim], trial: Trial
) -> None:
    standing = {}
    for number, claim in enumerate(claims):
        name = claim.name
        if (elsewhere.landing_folder / name).exists():
            name = f"{number}/{claim.path.name}"
        place = elsewhere.landing_folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(claim.path)
        standing[name] = claim.standing
    # Nothing else lies there, so that the declared path need not fit.
    everything = source.model_copy(update={"path": "**/*"})
    result = ingest(elsewhere, [everything])
    trial.files += [Tried(one.row, standing[one.path]) for one in result.files]


def _look(elsewhere: Settings, trial: Trial, limit: int) -> None:
    loaded = [one.row for one in trial.files if one.row.status == "loaded"]
    # All of them: a file whose rows are all bad is rejected, its rows are kept.
    if bad := list((elsewhere.home / "raw" / "quarantine").glob("*.parquet")):
        names = ("reason", "rows", "path", "line")
        trial.rejects = _fetched(REJECTS.format(paths=parquet_list(bad)), names)
    for feed, paths in raw_relations(elsewhere, loaded).items():
        if paths:
            trial.rows[feed] = _first_rows(feed, paths, limit)


def _first_rows(feed: str, paths: list[Path], limit: int) -> list[dict[str, Any]]:
    """The first mapped rows; of personal values only whether there is one."""
    spec = FEEDS[feed]
    hashed = {name for kind in spec.fields.values() for name in HASHED.get(kind, {})}
    columns = [name for name in spec.columns if name not in ORIGIN]
    listed = ", ".join(
        f"if({identifier(name)} is null, null, '***')"
        if name in hashed
        else identifier(name)
        for name in columns
    )
    query = f"""
        select _line, {listed} from read_parquet({parquet_list(paths)})
        order by _received, _line limit {int(limit)}"""
    return _fetched(query, ("line", *columns))


def _fetched(query: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    with connect() as engine:
        found = engine.execute(query).fetchall()
    return [dict(zip(names, values, strict=True)) for values in found]
