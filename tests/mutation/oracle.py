"""Whether every line of a spoilt file is somewhere, judged without our readers."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field

from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import LedgerRow
from tests.mutation.records import (
    Unpackable,
    is_blank,
    lines_of,
    record_end,
    unpacked,
    without_end,
)

#: What an address becomes when it is used as an id.
HASH = re.compile("[0-9a-f]{64}")
#: Reasons of files whose rows all lie in quarantine.
ALL_BAD = ("all rows are bad", "required key ")
GZIP_REASONS = ("truncated or damaged gzip", "not gzip, although named .gz")


class Lost(AssertionError):
    """Something of a file is nowhere, or is not what the file says."""


@dataclass
class Found:
    """What the product kept of one file: rows by line, and quarantined bytes."""

    loaded: dict[int, list[str | None]] = field(default_factory=dict)
    bad: dict[int, list[bytes]] = field(default_factory=dict)


def check(row: LedgerRow, source: SourceSpec, content: bytes, found: Found) -> Counter:
    """The fate of each line. Raises Lost."""
    _check_counts(row, found)
    if row.status == "rejected" and not (row.reason or "").startswith(ALL_BAD):
        expect(not found.loaded and not found.bad, "rejected, but something is kept")
        if source.format in ("csv", "jsonl", "regex"):
            _check_reason(row.reason or "", row, source, content)
        return Counter(rejected_whole=1)
    try:
        text = unpacked(row.path, content)
    except Unpackable:
        raise Lost(f"{row.status}, but no whole gzip") from None
    if not _has_plain_id(source):
        found.loaded = {line: [None] * len(ids) for line, ids in found.loaded.items()}
    fates = _fates(row, source, text, found)
    _compare(fates, row, source)
    return fates


def _check_counts(row: LedgerRow, found: Found) -> None:
    total = row.loaded + row.quarantined + row.known + row.blank
    expect(row.lines == total, f"counts do not add up: {row}")
    kept = sum(map(len, found.loaded.values()))
    bad = sum(map(len, found.bad.values()))
    expect(kept == row.loaded, f"{row.loaded} loaded, {kept} in raw")
    expect(bad == row.quarantined, f"{row.quarantined} bad, {bad} in quarantine")
    expect(row.status == "loaded" or bool(row.reason), "rejected without a reason")


def _fates(row: LedgerRow, source: SourceSpec, text: bytes, found: Found) -> Counter:
    match source.format:
        case "csv":
            return _walk_records(source, lines_of(text), found)
        case "jsonl" | "regex":
            return _walk_lines(lines_of(text), found)
        case "json":
            return _walk_elements(text, found)
    return Counter(rows=row.lines)


def expect(condition: bool, problem: str) -> None:
    if not condition:
        raise Lost(problem)


def _walk_lines(lines: list[bytes], found: Found) -> Counter:
    fates: Counter = Counter()
    taken: set[bytes] = set()
    for number, line in enumerate(lines, start=1):
        raw = without_end(line)
        fates[_fate(number, raw, is_blank(line), found, taken)] += 1
    beyond = {*found.loaded, *found.bad} - set(range(1, len(lines) + 1))
    expect(not beyond, f"rows of lines that do not exist: {beyond}")
    return fates


def _walk_records(source: SourceSpec, lines: list[bytes], found: Found) -> Counter:
    fates: Counter = Counter()
    taken: set[bytes] = set()
    at, record = 0, 0
    while at < len(lines):
        last = record_end(lines, at, source.delimiter.encode())
        if last is None:
            raise Lost(f"taken, although a quote of line {at + 1} stays open")
        raw = without_end(b"\n".join(lines[at : last + 1]))
        record += 1
        if record > source.header and record not in source.skip:
            blank = at == last and is_blank(lines[at])
            fates[_fate(at + 1, raw, blank, found, taken)] += 1
        at = last + 1
    return fates


def _fate(number: int, raw: bytes, blank: bool, found: Found, taken: set[bytes]) -> str:
    """Where one line or record is. Raises Lost for other bytes than the file has."""
    ids, bad = found.loaded.get(number, []), found.bad.get(number, [])
    for quarantined in bad:
        expect(quarantined == raw, f"line {number}: {raw!r} became {quarantined!r}")
    for id_ in ids:
        expect(_holds(raw, id_), f"line {number}: {raw!r} has no {id_!r}")
    if ids or bad:
        taken.add(raw)
    if blank:
        expect(not ids and not bad, f"line {number} is blank, but kept")
        return "blank"
    if ids or bad:
        return "loaded" if ids else "quarantined"
    return "known" if raw in taken else "missing"


def _has_plain_id(source: SourceSpec) -> bool:
    """Whether the id is a column of the vendor, as it is written there."""
    field = source.mapped.get(source.feed_spec.id[0])
    is_plain = field and field.path and not field.values and not field.default
    is_pivoted = source.unpivot and source.unpivot.key == source.feed_spec.id[0]
    return bool(is_plain and not is_pivoted)


def _holds(raw: bytes, id_: str | None) -> bool:
    """Escapes and doubled quotes are given the benefit of the doubt, hashes too."""
    if id_ is None or b"\\" in raw or '"' in id_:
        return True
    if b"@" in raw and HASH.fullmatch(id_):
        return True
    return id_.encode() in raw


def _walk_elements(text: bytes, found: Found) -> Counter:
    try:
        elements = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Counter(not_compared=1)
    if not isinstance(elements, list):
        return Counter(not_compared=1)
    fates: Counter = Counter()
    taken: list[object] = []
    for number, element in enumerate(elements, start=1):
        for raw in found.bad.get(number, []):
            same = repr(json.loads(raw)) == repr(element)
            expect(same, f"element {number}: {element!r} became {raw!r}")
        is_kept = number in found.loaded
        is_bad = number in found.bad
        elsewhere = "known" if element in taken else "missing"
        if is_kept or is_bad:
            taken.append(element)
        fate = "loaded" if is_kept else "quarantined" if is_bad else elsewhere
        fates[fate] += 1
    return fates


def _compare(fates: Counter, row: LedgerRow, source: SourceSpec) -> None:
    """Against the counts of the ledger, as far as lines and rows are the same."""
    if "not_compared" in fates or "rows" in fates:
        return
    expect(fates["blank"] == row.blank or source.format == "json", "blank lines")
    if source.where or source.explode or source.unpivot:
        nowhere = fates.pop("missing", 0)
        known, unwanted = row.known, row.filtered
        fates["not wanted"] = nowhere
        if source.explode or source.unpivot:  # a line may give many rows, or none
            expect(nowhere <= known + unwanted, f"{nowhere} lines are nowhere")
        else:
            same = nowhere + fates["known"] == known + unwanted
            expect(same, f"{nowhere} lines are nowhere, {unwanted} are not wanted")
        return
    expect(fates["missing"] == 0, f"{fates['missing']} lines are nowhere")
    counts = (row.loaded, row.quarantined, row.known)
    own = (fates["loaded"], fates["quarantined"], fates["known"])
    expect(own == counts, f"{own} lines, but {counts} in the ledger")


def _check_reason(
    reason: str, row: LedgerRow, source: SourceSpec, content: bytes
) -> None:
    """A whole file is only rejected for something that is really wrong with it."""
    try:
        lines = lines_of(unpacked(row.path, content))
    except Unpackable:
        expect(reason.startswith(GZIP_REASONS), f"broken gzip, but {reason}")
        return
    first = lines[0] if lines else b""
    if reason == "empty file":
        expect(not lines, reason)
    elif reason == "only blank lines":
        expect(all(map(is_blank, lines)), reason)
    elif reason.startswith("wrong encoding: UTF-16"):
        expect(first.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in first, reason)
    elif " in place of text" in reason:
        expect(not first[:4].isalnum(), reason)
    elif reason.startswith("unclosed quote, opened on line "):
        opened = int(reason.rpartition(" ")[2]) - 1
        end = record_end(lines, opened, source.delimiter.encode())
        expect(end is None, reason)
    elif source.format == "csv":
        _check_header(reason, lines, source)
    else:
        raise Lost(f"no reason to reject: {reason}")


def _check_header(reason: str, lines: list[bytes], source: SourceSpec) -> None:
    at = max(source.header, 1) - 1
    header = lines[at] if at < len(lines) else b""
    words = [word.strip(b' "\r\t') for word in header.split(source.delimiter.encode())]
    keys = [b"_".join(word.lower().split()) for word in words]
    if reason.startswith("no header"):
        expect(is_blank(header), reason)
    elif reason.startswith("duplicate header"):
        expect(len(set(keys)) < len(keys), reason)
    elif reason.startswith("header: "):
        is_odd = not header.isascii() or any(c in header for c in b'"\r\0')
        expect(is_odd, reason)
    elif reason.startswith("required column "):
        name = reason.split()[2].encode().lower()
        expect(name not in keys, reason)
    else:
        raise Lost(f"no reason to reject: {reason}")
