"""What a delivery changes: whether it must be read, and which content it replaces."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dagster_project.ingest.discovery import Delivery
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import LedgerRow, Status
from dagster_project.ingest.raw_files import raw_path
from dagster_project.settings import Settings

#: What the content of a path may replace. A bad file does not push a good one out.
REPLACED_BY: dict[Status, tuple[Status, ...]] = {
    "loaded": ("loaded", "rejected", "seen"),
    "rejected": ("rejected", "seen"),
}


@dataclass(frozen=True)
class Landed:
    """What is in the landing folder tonight."""

    file_ids: frozenset[str]
    names: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, deliveries: Iterable[Delivery]) -> "Landed":
        """The contents, and the paths by source."""
        deliveries = list(deliveries)
        return cls(
            frozenset(d.file_id for d in deliveries),
            frozenset((d.source.name, d.name) for d in deliveries),
        )


def fingerprint(settings: Settings, source: SourceSpec) -> str:
    """Changes when the same bytes would give other raw rows.

    Such a file is read again from its landed copy, so that raw is a function of files
    and declarations.
    """
    meaning = [
        source.fingerprint(),
        source.feed_spec.model_dump_json(),
        settings.timezone,
        hmac.new(settings.pepper_bytes, b"pepper", hashlib.sha256).hexdigest(),
    ]
    return hashlib.sha256("\n".join(meaning).encode()).hexdigest()


def new_row(delivery: Delivery, seen_at: datetime) -> LedgerRow:
    """The ledger's first entry of a file: seen, nothing read."""
    return LedgerRow(
        file_id=delivery.file_id,
        content=delivery.content.sha256,
        source=delivery.source.name,
        feed=delivery.source.feed,
        delivery=delivery.source.delivery,
        path=delivery.name,
        bytes=delivery.content.stamp[0],
        lines=0,
        loaded=0,
        quarantined=0,
        known=0,
        blank=0,
        filtered=0,
        status="seen",
        reason=None,
        first_seen_at=seen_at,
        sequence=0,
        declaration="",
        reading=0,
        version=None,
        dates=(),
    )


def must_be_read(settings: Settings, row: LedgerRow, declaration: str) -> bool:
    """Whether raw does not hold yet what this file says."""
    if row.status == "withdrawn":
        return False
    if row.status in ("seen", "superseded"):
        return True
    stored = raw_path(settings.home, row.feed, row.file_id)
    is_lost = row.status == "loaded" and not stored.exists()
    return is_lost or row.declaration != declaration


def replaced_rows(
    delivery: Delivery, row: LedgerRow, rows: Iterable[LedgerRow], landed: Landed
) -> list[LedgerRow]:
    """Earlier contents of this path that no other path holds now."""
    return [
        other
        for other in rows
        if (other.source, other.path) == (row.source, delivery.name)
        and other.file_id != row.file_id
        and other.file_id not in landed.file_ids
        and other.status in REPLACED_BY.get(row.status, ())
    ]
