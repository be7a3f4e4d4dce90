"""Erasures that were asked for: the request, how far it is, and the row that proves it.

A request holds keyed hashes, never a clear value. Nothing is erased here.
"""

import json
import os
import pwd
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dagster_project.ingest.masking import masked_text
from dagster_project.privacy.subject import Key, Subject
from dagster_project.publish.durable import readable_errors, sync, write_atomically
from dagster_project.settings import Settings
from dagster_project.warehouse import connect


@dataclass
class Request:
    """One erasure. `touched` counts files and rows per place, `done` are its steps.

    A kill makes a step be repeated; what it had touched before is then not counted.
    """

    id: str
    asked_at: str
    asked_by: str
    reason: str
    keys: list[Key]
    persons: list[str]
    customers: list[str]
    touched: dict[str, dict[str, int]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    not_reached: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def subject(self) -> Subject:
        """Whom it is about."""
        return Subject(frozenset(self.keys))

    @property
    def erased_at(self) -> datetime:
        """What is dated before this does not come back (UTC, without a zone)."""
        return datetime.fromisoformat(self.asked_at)

    def touch(self, place: str, rows: int) -> None:
        """Count one more file that was rewritten or removed."""
        counts = self.touched.setdefault(place, {"files": 0, "rows": 0})
        counts["files"] += 1
        counts["rows"] += rows


def new_request(
    subject: Subject, persons: list[str], customers: list[str], reason: str
) -> Request:
    """A request that is not kept yet."""
    return Request(
        id=uuid.uuid4().hex[:12],
        asked_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0).isoformat(),
        asked_by=_os_user(),
        reason=_masked(reason.strip()),
        keys=sorted(subject.keys),
        persons=sorted(persons),
        customers=sorted(customers),
    )


def privacy_folder(settings: Settings) -> Path:
    """Where requests, tombstones and proofs lie; only their owner may read it."""
    folder = settings.home / "privacy"
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    return folder


def keep(settings: Settings, request: Request) -> None:
    """Write the request, so that a kill cannot lose it."""
    with readable_errors("keeping the erasure request"):
        text = json.dumps(asdict(request), indent=1)
        write_atomically(_path(settings, request.id), text)


def pending(settings: Settings) -> list[Request]:
    """The requests that were not carried out to their end, oldest first."""
    folder = settings.home / "privacy" / "erasures"
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.json")]
    found = [_read(json.loads(text)) for text in texts]
    return sorted(found, key=lambda request: (request.asked_at, request.id))


def prove(settings: Settings, request: Request) -> None:
    """Keep one row of a finished erasure and take its request away."""
    path = proofs_path(settings)
    known = {proof["id"] for proof in proofs(settings)}
    with readable_errors("keeping the proof of the erasure"):
        if request.id not in known:
            row = asdict(request)
            del row["done"]
            row["finished_at"] = datetime.now(UTC).isoformat(timespec="seconds")
            with path.open("ab") as file:
                file.write(f"\n{json.dumps(row)}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        _path(settings, request.id).unlink(missing_ok=True)
        sync(path.parent)


def proofs(settings: Settings) -> list[dict[str, Any]]:
    """The rows of all erasures that were carried out; a torn one is left out."""
    path = settings.home / "privacy" / "erasures.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [row for line in lines if (row := _row(line))]


def proofs_path(settings: Settings) -> Path:
    """One JSON row for each erasure."""
    return privacy_folder(settings) / "erasures.jsonl"


def erased_since(settings: Settings, day: date) -> set[str]:
    """Lasting keys of persons and customers erased later than a release of that day.

    What such a release says of them is not to be carried on.
    """
    rows = [*proofs(settings), *(asdict(one) for one in pending(settings))]
    later = [r for r in rows if datetime.fromisoformat(r["asked_at"]).date() > day]
    return {key for row in later for key in (*row["persons"], *row["customers"])}


def _path(settings: Settings, request_id: str) -> Path:
    return privacy_folder(settings) / "erasures" / f"{request_id}.json"


def _read(data: dict[str, Any]) -> Request:
    return Request(**{**data, "keys": [Key(*key) for key in data["keys"]]})


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and "id" in row else None


def _os_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _masked(text: str) -> str:
    with connect() as engine:
        query = f"select {masked_text('text')} from (select ?::VARCHAR as text)"
        return str(engine.execute(query, [text]).fetchall()[0][0])
