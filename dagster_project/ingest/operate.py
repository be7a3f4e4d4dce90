"""What people do to deliveries that were seen before: withdraw, reload, retry.

Each changes the ledger first, in one transaction, and then reads. Killed in between,
the next ingest does the reading.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import Ledger, LedgerRow, open_ledger
from dagster_project.ingest.load import ingest
from dagster_project.settings import Settings

#: Shorter beginnings of a file id are too likely to be a name.
SHORTEST_ID = 6
#: What a file is when neither newer content nor a person took it out.
STANDING = ("loaded", "rejected", "seen")


@dataclass(frozen=True)
class Reread:
    """One file before and after it was read again."""

    before: LedgerRow
    after: LedgerRow

    @property
    def won(self) -> int:
        """Rows that count now and did not before; negative when some were lost."""
        earlier = self.before.loaded if self.before.status == "loaded" else 0
        return (self.after.loaded if self.after.status == "loaded" else 0) - earlier


def find_files(settings: Settings, which: str) -> list[LedgerRow]:
    """The files that a person means: by the beginning of an id, or by path.

    A path means what it holds now, for each source that reads it; a name that was only
    an alias is found by its content. Raises UsageError when there is none.
    """
    with open_ledger(settings) as ledger:
        rows = ledger.rows()
    if len(which) >= SHORTEST_ID:
        found = [row for row in rows if row.file_id.startswith(which)]
        if len(found) > 1:
            raise UsageError(f"{which} begins the ids of {len(found)} files")
        if found:
            return found
    found = _current([row for row in rows if row.path == which])
    found = found or _current(_of_content(settings, rows, which))
    if not found:
        raise UsageError(
            f"{which}: no such file id or path below the landing folder; "
            "`segments files list` names them"
        )
    return found


def withdraw(settings: Settings, which: str, reason: str) -> list[LedgerRow]:
    """Take files out of every later night; the ledger keeps them and the reason.

    Call it under the lock of the home. Delivering the same content again does not bring
    it back. Returns the rows as they were. Raises UsageError without a reason.
    """
    if not reason.strip():
        raise UsageError("--reason: say why, others will read it")
    rows = find_files(settings, which)
    with open_ledger(settings) as ledger, ledger.transaction():
        for row in rows:
            if row.status != "withdrawn":
                gone = replace(row, status="withdrawn", reason=reason.strip())
                ledger.write(gone)
    return rows


def reload(
    settings: Settings,
    sources: list[SourceSpec],
    which: str,
    report: Callable[[str], None] = lambda line: None,
) -> list[Reread]:
    """Read files again, whatever became of them; a withdrawn one comes back.

    Call it under the lock of the home. New files of their sources are read with them.
    Raises UsageError for content that was replaced under its name or whose source is
    no longer declared, SegmentsError when its bytes are nowhere to be found.
    """
    rows = find_files(settings, which)
    with open_ledger(settings) as ledger:
        for row in rows:
            _refuse_replaced(row, ledger.rows("loaded"))
    return _read_again(settings, sources, rows, report)


def retry(
    settings: Settings,
    sources: list[SourceSpec],
    source: str | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> list[Reread]:
    """Read every file again that has rows in quarantine or was rejected.

    Call it under the lock of the home, after a declaration was corrected. Raises
    UsageError for a source that is not declared.
    """
    names = {one.name for one in sources}
    if source and source not in names:
        raise UsageError(f"--source {source}: not declared, only {_listed(names)}")
    with open_ledger(settings) as ledger:
        rows = [
            row
            for row in ledger.rows("loaded", "rejected")
            if (row.quarantined or row.status == "rejected")
            and row.source in (source or row.source, source)
            and row.source in names
        ]
    return _read_again(settings, sources, rows, report, all_or_nothing=False)


def _read_again(
    settings: Settings,
    sources: list[SourceSpec],
    rows: list[LedgerRow],
    report: Callable[[str], None],
    all_or_nothing: bool = True,
) -> list[Reread]:
    named = {row.source for row in rows}
    wanted = [source for source in sources if source.name in named]
    if lost := named - {source.name for source in wanted}:
        raise UsageError(f"{_listed(lost)}: this source is no longer declared")
    if not rows:
        return []
    with open_ledger(settings) as ledger, ledger.transaction():
        for row in rows:
            ledger.write(_due(row))
    ingest(settings, wanted, report)
    with open_ledger(settings) as ledger:
        now = {row.file_id: row for row in ledger.rows()}
        unread = [row for row in rows if not now[row.file_id].declaration]
        _leave_as_it_was(ledger, unread)
    if unread and all_or_nothing:
        paths = _listed(row.path for row in unread)
        raise SegmentsError(
            f"{paths}: neither in the landing folder nor among the landed copies; "
            "deliver it again"
        )
    ids = {row.file_id for row in unread}
    return [Reread(row, now[row.file_id]) for row in rows if row.file_id not in ids]


def _due(row: LedgerRow) -> LedgerRow:
    """As if its declaration had changed; what counts goes on counting until then."""
    if row.status in ("loaded", "rejected"):
        return replace(row, declaration="")
    return replace(row, declaration="", status="seen", reason=None)


def _leave_as_it_was(ledger: Ledger, rows: list[LedgerRow]) -> None:
    with ledger.transaction():
        for row in rows:
            ledger.write(row)


def _refuse_replaced(row: LedgerRow, loaded: list[LedgerRow]) -> None:
    if row.status != "superseded":
        return
    for other in loaded:
        if (other.source, other.path) == (row.source, row.path):
            raise UsageError(
                f"{row.file_id[:12]} was replaced by newer content of {row.path}: "
                f"withdraw {other.file_id[:12]} first, or deliver it under another name"
            )


def _current(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Per source what was read of a path and still stands, else what came last."""
    by_source: dict[str, list[LedgerRow]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row)
    found = []
    for same in by_source.values():
        standing = [row for row in same if row.status in STANDING]
        found += standing or same[-1:]
    return found


def _of_content(
    settings: Settings, rows: list[LedgerRow], which: str
) -> list[LedgerRow]:
    path = settings.landing_folder / which
    if not path.is_file() or settings.landing_folder not in path.resolve().parents:
        return []
    with path.open("rb") as handle:
        content = hashlib.file_digest(handle, "sha256").hexdigest()
    return [row for row in rows if row.content == content]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
