"""Spoilt deliveries by the hundred: nothing is lost, nothing crashes, nothing hangs.

Ten thousand of them are in `tests/soak/test_mutated_deliveries.py`.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ingest_company import Company

from dagster_project.ingest.ledger import LedgerRow
from tests.mutation.campaign import campaign, kept
from tests.mutation.oracle import Found, Lost, check

SEED, FILES = 1, 150
LINES = [b'{"plan_id": "a"}', b"oops", b'{"plan_id": "b"}', b"", b'{"plan_id": "a"}']
TABLE = b'plan_id,tier\na,"two\nlines"\nb,x\nc\n\nb,x\n'


@pytest.mark.slow
def test_every_line_of_spoilt_files_is_somewhere(tmp_path: Path) -> None:
    fates, problems = campaign(tmp_path, SEED, FILES)
    assert problems == []
    assert min(fates["loaded files"], fates["rejected files"]) > FILES / 5
    assert fates["quarantined"] > FILES / 5


def taken(company: Company, format_: str, content: bytes) -> tuple[LedgerRow, Found]:
    company.source(feed="plans", path="*", format=format_, delivery="events")
    company.deliver(f"a.{format_}", content)
    (row,) = company.ingest().loaded
    return row, kept(company.settings, company.sources)[row.file_id]


def drop_a_row(found: Found) -> None:
    found.loaded.pop(max(found.loaded))


def drop_a_bad_row(found: Found) -> None:
    found.bad.clear()


def move_a_row(found: Found) -> None:
    found.loaded[99] = found.loaded.pop(max(found.loaded))


def swap_two_rows(found: Found) -> None:
    first, last = min(found.loaded), max(found.loaded)
    ids = found.loaded
    ids[first], ids[last] = ids[last], ids[first]


def change_bytes(found: Found) -> None:
    found.bad = {line: [raw[:-1] for raw in raws] for line, raws in found.bad.items()}


@pytest.mark.parametrize(
    ("format_", "content", "expected"),
    [
        (
            "jsonl",
            b"\n".join(LINES),
            Counter(loaded=2, quarantined=1, known=1, blank=1),
        ),
        ("csv", TABLE, Counter(loaded=2, quarantined=1, known=1, blank=1)),
    ],
)
def test_the_judge_finds_what_is_there(
    company: Company, format_: str, content: bytes, expected: Counter[str]
) -> None:
    row, found = taken(company, format_, content)
    assert check(row, company.sources[0], content, found) == expected


@pytest.mark.parametrize(
    "harm", [drop_a_row, drop_a_bad_row, move_a_row, swap_two_rows, change_bytes]
)
@pytest.mark.parametrize(
    ("format_", "content"), [("jsonl", b"\n".join(LINES)), ("csv", TABLE)]
)
def test_the_judge_notices_what_is_lost_or_changed(
    company: Company, format_: str, content: bytes, harm: Any
) -> None:
    row, found = taken(company, format_, content)
    harm(found)
    with pytest.raises(Lost):
        check(row, company.sources[0], content, found)


def test_a_good_file_may_not_be_rejected(company: Company) -> None:
    row, _ = taken(company, "csv", TABLE)
    empty: dict[str, Any] = dict.fromkeys(("lines", "loaded", "quarantined"), 0)
    for reason in ("duplicate header: tier", "no header on line 1", "unheard of"):
        rejected = replace(
            row, status="rejected", reason=reason, known=0, blank=0, **empty
        )
        with pytest.raises(Lost):
            check(rejected, company.sources[0], TABLE, Found())
