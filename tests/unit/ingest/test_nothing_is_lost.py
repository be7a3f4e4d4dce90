"""Property: whatever lies in a file, every line is somewhere and the counts add up."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_company import Company

HEADER = "invoice_line_id,invoice_id,invoiced_at,amount,description\n"
FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
GOOD = {
    "invoice_line_id": "L1",
    "invoice_id": "I1",
    "invoiced_at": "2026-11-20",
    "amount": "1",
}
garbage = st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b""))
good_json = st.integers(0, 3).map(
    lambda n: json.dumps({**GOOD, "invoice_line_id": f"L{n}"}).encode()
)
text = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=12)


def company(format_: str) -> Company:
    made = Company(Path(tempfile.mkdtemp()))
    made.source(feed="invoice_lines", path="*", format=format_, delivery="events")
    return made


def keep(company: Company) -> tuple[int, int]:
    """Loaded and quarantined rows as they lie in the files."""
    (file,) = company.ingest().files
    row = file.row
    assert row.lines == row.loaded + row.quarantined + row.known + row.blank
    if row.status == "loaded":
        assert len(company.raw("invoice_lines", "_line")) == row.loaded
    assert len(company.quarantine("line")) == row.quarantined
    return row.lines, row.blank


@FEW
@given(
    st.lists(st.one_of(garbage, good_json), max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_every_line_of_a_jsonl_file_is_counted_once(
    lines: list[bytes], ending: bytes
) -> None:
    made = company("jsonl")
    content = ending.join([json.dumps(GOOD).encode(), *lines])
    made.deliver("a.jsonl", content)
    physical = content.split(b"\n")
    if not physical[-1]:
        physical.pop()
    counted, blank = keep(made)
    if counted:
        assert counted == len(physical)
        assert blank == sum(not line.strip() for line in physical)


@FEW
@given(st.lists(garbage, max_size=10))
def test_garbage_in_a_csv_file_reconciles(lines: list[bytes]) -> None:
    made = company("csv")
    made.deliver("a.csv", HEADER.encode() + b"\n".join(lines) + b"\n")
    keep(made)


@FEW
@given(st.lists(st.tuples(text, st.booleans()), min_size=1, max_size=8))
def test_any_text_in_quotes_comes_back_as_it_was(rows: list[tuple[str, bool]]) -> None:
    made = company("csv")
    # Of a kind in which nothing is masked.
    content, expected, line = HEADER.replace("description", "product_id"), [], 2
    for number, (description, is_good) in enumerate([("x", True), *rows]):
        quoted = '"' + description.replace('"', '""') + '"'
        content += f"L{number},I1,2026-11-20,{'1' if is_good else 'one'},{quoted}\n"
        if is_good:
            expected.append((description.strip(" \t\r\n") or None, line))
        line += 1 + description.count("\n")
    made.deliver("a.csv", content.encode())
    made.ingest()
    assert made.raw("invoice_lines", "product_id, _line") == expected
