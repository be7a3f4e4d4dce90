"""What an ingest did, file by file and source by source."""

from collections.abc import Iterable
from dataclasses import dataclass

from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import LedgerRow


@dataclass(frozen=True)
class FileOutcome:
    """One file in the landing folder; `is_new` if this run read it."""

    path: str
    row: LedgerRow
    is_new: bool

    def __str__(self) -> str:
        row = self.row
        if row.status == "rejected":
            return f"{self.path}: rejected: {row.reason}"
        if not self.is_new:
            return f"{self.path}: known, {row.status}"
        counts = {
            "loaded": row.loaded,
            "quarantined": row.quarantined,
            "already known": row.known,
            "blank": row.blank,
            "not wanted": row.filtered,
        }
        parts = [f"{n:,} {what}" for what, n in counts.items() if n or what == "loaded"]
        note = f" ({row.reason})" if row.reason else ""
        return f"{self.path}: {row.lines:,} lines, {', '.join(parts)}{note}"


@dataclass(frozen=True)
class SourceOutcome:
    """One source: how many loaded files it has, and which of tonight's are rejected."""

    name: str
    feed: str
    required: bool
    files: int
    rejected: tuple[str, ...]

    @property
    def is_present(self) -> bool:
        """Whether anything of it was ever loaded and still counts."""
        return self.files > 0


@dataclass(frozen=True)
class IngestResult:
    """The state of all deliveries after an ingest."""

    files: tuple[FileOutcome, ...]
    sources: tuple[SourceOutcome, ...]
    unclaimed: tuple[str, ...]
    waiting: tuple[str, ...] = ()

    @property
    def loaded(self) -> tuple[LedgerRow, ...]:
        """The files that this run loaded."""
        return self._read_now("loaded")

    @property
    def rejected(self) -> tuple[LedgerRow, ...]:
        """The files that this run read and rejected."""
        return self._read_now("rejected")

    @property
    def failures(self) -> tuple[str, ...]:
        """Why the required sources do not permit a release; empty if they do."""
        reasons = []
        for source in self.sources:
            if source.required and source.rejected:
                reasons.append(f"{source.name}: rejected: {'; '.join(source.rejected)}")
            elif source.required and not source.is_present:
                reasons.append(f"{source.name}: no delivery was ever loaded")
        return tuple(reasons)

    def _read_now(self, status: str) -> tuple[LedgerRow, ...]:
        return tuple(f.row for f in self.files if f.is_new and f.row.status == status)


def summarize(
    sources: Iterable[SourceSpec], files: list[FileOutcome], rows: list[LedgerRow]
) -> tuple[SourceOutcome, ...]:
    """The outcome of each source, from tonight's files and the whole ledger."""
    return tuple(
        SourceOutcome(
            source.name,
            source.feed,
            source.required,
            sum(r.source == source.name and r.status == "loaded" for r in rows),
            tuple(
                f"{file.path} ({file.row.reason})"
                for file in files
                if file.row.source == source.name and file.row.status == "rejected"
            ),
        )
        for source in sources
    )
