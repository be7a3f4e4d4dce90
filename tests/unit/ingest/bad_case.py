"""How a bad delivery is described: the lists are in `bad_files.py`, `bad_rows.py`."""

import json
from dataclasses import dataclass
from typing import Any

HEADER = b"invoice_line_id,invoice_id,invoiced_at,amount,currency,description\n"
GOOD = b"good,I1,2026-11-20 10:00,9.50,EUR,fine\n"
EVENT = {
    "event_id": "good",
    "anonymous_id": "a1",
    "event_type": "page",
    "event_at": "2026-11-20T10:00:00Z",
}
GOOD_EVENT = json.dumps(EVENT).encode() + b"\n"


@dataclass(frozen=True)
class Case:
    """One file. `source` is the name of the source that reads it.

    `bad` are the bytes of the rows that must lie in quarantine, `shows` the column of
    the last loaded row whose value is to be seen.
    """

    source: str
    name: str
    content: bytes
    bad: tuple[bytes, ...] = ()
    shows: str | None = None


def csv(content: bytes, shows: str | None = None, name: str = ".csv") -> Case:
    """A file of invoice lines."""
    return Case("csv", name, content, shows=shows)


def csv_row(row: bytes) -> Case:
    """A bad row below a good one."""
    return Case("csv", ".csv", HEADER + GOOD + row + b"\n", bad=(row,))


def csv_kept(row: bytes, shows: str) -> Case:
    """An odd row that is taken."""
    return csv(HEADER + row + b"\n", shows)


def jsonl(content: bytes, shows: str | None = None, name: str = ".jsonl") -> Case:
    """A file of events."""
    return Case("jsonl", name, content, shows=shows)


def json_row(*rows: bytes) -> Case:
    """Bad lines below a good one."""
    content = GOOD_EVENT + b"\n".join(rows) + b"\n"
    return Case("jsonl", ".jsonl", content, bad=rows)


def json_kept(row: bytes, shows: str = "event_id") -> Case:
    """An odd line that is taken."""
    return jsonl(row + b"\n", shows)


def event(**changes: Any) -> bytes:
    """One event as a line."""
    return json.dumps({**EVENT, "event_id": "odd", **changes}).encode()


def line(**changes: str) -> bytes:
    """One invoice line as a row."""
    names = HEADER.decode().strip().split(",")
    cells = dict(zip(names, GOOD.decode().strip().split(","), strict=True))
    return ",".join({**cells, "invoice_line_id": "odd", **changes}.values()).encode()
