"""docs/bad-input.md is true: every row of its tables is a case or a test, and back."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bad_files import ENCODINGS, LISTS, PACKAGES, SHAPES, TABLES
from bad_rows import VALUES, WRITING
from files_over_time import PROOFS
from ingest_company import Company

from dagster_project.ingest.ledger import LedgerRow
from dagster_project.ingest.raw_files import raw_path
from dagster_project.settings import REPOSITORY

CASES = {**ENCODINGS, **SHAPES, **PACKAGES, **TABLES, **LISTS, **WRITING, **VALUES}
SOURCES = {
    "csv": ("invoice_lines", "csv", "UTC"),
    "parquet": ("invoice_lines", "parquet", "UTC"),
    "jsonl": ("web_events", "jsonl", "UTC"),
    "json": ("web_events", "json", "UTC"),
    "london": ("web_events", "jsonl", "Europe/London"),
    "survey": ("survey_responses", "csv", "UTC"),
}
Row = tuple[str, str]


def promised() -> dict[str, Row]:
    """What the page says: input -> (what happens, reason or value)."""
    page = (REPOSITORY / "docs" / "bad-input.md").read_text()
    rows = {}
    for line in page.splitlines():
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) != 3 or cells[0] in ("Input", "---"):
            continue
        assert cells[0] not in rows, f"{cells[0]} has two rows"
        rows[cells[0]] = (cells[1], cells[2].strip("`").replace("\\|", "|"))
    return rows


PROMISED = promised()


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, dict[str, Any]]:
    """One ingest of all cases, and the ledger row of each."""
    company = Company(tmp_path_factory.mktemp("bad"))
    for name, (feed, format_, zone) in SOURCES.items():
        company.source(
            name,
            feed=feed,
            path=f"{name}/*",
            format=format_,
            delivery="events" if feed != "survey_responses" else "upserts",
            timezone=zone,
        )
    names = {}
    for number, (name, case) in enumerate(CASES.items()):
        path = f"{case.source}/{number:03}{case.name}"
        company.deliver(path, case.content)
        names[path] = name
    result = company.ingest()
    return company, {names[file.path]: file.row for file in result.files}


def test_every_row_of_the_page_has_a_test_and_every_test_a_row() -> None:
    assert PROMISED.keys() == CASES.keys() | PROOFS.keys()
    assert not CASES.keys() & PROOFS.keys()


@pytest.mark.parametrize("name", [name for name in PROMISED if name in CASES])
def test_a_bad_file_or_row_is_treated_as_the_page_says(
    taken: tuple[Company, dict[str, LedgerRow]], name: str
) -> None:
    company, rows = taken
    case, row = CASES[name], rows[name]
    what, said = PROMISED[name]
    assert row.lines == row.loaded + row.quarantined + row.known + row.blank
    if what == "file rejected":
        assert row.status == "rejected"
        assert row.loaded == 0
        assert agrees(row.reason or "", said)
        assert not raw_path(company.settings.home, row.feed, row.file_id).exists()
        return
    assert row.status == "loaded"
    bad = quarantined(company, row)
    assert tuple(raw for _, raw in bad) == case.bad
    if what == "row in quarantine":
        assert bad
        assert all(agrees(reason, said) for reason, _ in bad)
        assert row.loaded == 1
        return
    assert what == "loaded"
    if case.shows:
        assert agrees(kept(company, row, case.shows), said)
    else:
        assert said == ""


@pytest.mark.parametrize("name", [name for name in PROMISED if name in PROOFS])
def test_a_delivery_in_time_is_treated_as_the_page_says(
    name: str, tmp_path: Path
) -> None:
    PROOFS[name](Company(tmp_path), PROMISED[name][1])


def agrees(found: str, said: str) -> bool:
    """Reasons in any order; three dots stand for any rest."""
    if said.endswith("..."):
        return found.startswith(said.removesuffix("..."))
    return sorted(found.split("; ")) == sorted(said.split("; "))


def quarantined(company: Company, row: LedgerRow) -> list[tuple[str, bytes]]:
    path = raw_path(company.settings.home, "quarantine", row.file_id)
    if not path.exists():
        return []
    return duckdb.execute(f"select reason, raw from '{path}' order by line").fetchall()


def kept(company: Company, row: LedgerRow, column: str) -> str:
    """The value of the last loaded row."""
    path = raw_path(company.settings.home, row.feed, row.file_id)
    query = f"select {column}::VARCHAR from '{path}' order by _line desc limit 1"
    ((value,),) = duckdb.execute(query).fetchall()
    return "NULL" if value is None else str(value).replace("\n", "\\n")
