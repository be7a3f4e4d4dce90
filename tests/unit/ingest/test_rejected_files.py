import gzip

import pytest
from ingest_company import Company

HEADER = "invoice_line_id,invoice_id,invoiced_at,amount\n"
LINE = "L1,I1,2026-11-20 10:00,9.50\n"
PACKED = gzip.compress((HEADER + LINE * 500).encode())


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("b.csv", b"", "empty file"),
        ("b.csv.gz", gzip.compress(b"", mtime=0), "empty file"),
        ("b.csv.gz", PACKED[:-9], "truncated or damaged gzip"),
        ("b.csv.gz", HEADER.encode(), "not gzip, although named .gz"),
        ("b.csv", (HEADER + LINE).encode("utf-16"), "wrong encoding: UTF-16"),
        ("b.csv", b"\n" + LINE.encode(), "no header on line 1"),
        ("b.csv", b"invoice_id,Invoice ID,a\n", "duplicate header: invoice_id"),
        (
            "b.csv",
            HEADER.replace("amount", "amuont").encode(),
            "required column amount for amount is missing; found: invoice_line_id, "
            "invoice_id, invoiced_at, amuont; nearest: amuont",
        ),
        (
            "b.csv",
            (HEADER + LINE + '"L2,I1,2026-11-20,1\n' + LINE).encode(),
            "unclosed quote, opened on line 3",
        ),
        (
            "b.csv",
            (HEADER + "L1,I1,x,1\nL2,I1,y,1\n").encode(),
            "all rows are bad, most often (2 times): invoiced_at: not a timestamp",
        ),
    ],
)
def test_a_file_that_cannot_be_taken_is_rejected_alone(
    invoices: Company, name: str, content: bytes, reason: str
) -> None:
    invoices.deliver("a.csv", HEADER + LINE)
    invoices.deliver(name, content)
    invoices.deliver("c.csv", HEADER + LINE.replace("L1", "L3"))
    result = invoices.ingest()
    assert [row.path for row in result.loaded] == ["a.csv", "c.csv"]
    (rejected,) = result.rejected
    assert rejected.reason is not None and rejected.reason.startswith(reason)
    assert rejected.loaded == 0
    total = rejected.quarantined + rejected.known + rejected.blank
    assert rejected.lines == total
    assert len(invoices.raw("invoice_lines")) == 2
    assert any(line.startswith(f"{name}: rejected: {reason}") for line in invoices.said)


def test_a_required_source_that_is_rejected_or_missing_is_a_failure(
    company: Company,
) -> None:
    for name in ("lines", "more"):
        company.source(
            name,
            feed="invoice_lines",
            path=f"{name}*.csv",
            format="csv",
            delivery="events",
            required=True,
        )
    company.deliver("lines.csv", b"")
    assert company.ingest().failures == (
        "lines: rejected: lines.csv (empty file)",
        "more: no delivery was ever loaded",
    )
    company.deliver("lines.csv", HEADER + LINE)
    assert company.ingest().failures == ("more: no delivery was ever loaded",)


def test_a_named_column_that_is_absent_is_said(company: Company) -> None:
    fields = dict.fromkeys(HEADER.strip().split(","))
    company.source(
        feed="invoice_lines",
        path="*.csv",
        format="csv",
        delivery="events",
        fields={**{name: name for name in fields}, "currency": "ccy"},
    )
    company.deliver("a.csv", HEADER + LINE)
    company.ingest()
    assert company.said == ["a.csv: 1 lines, 1 loaded (without ccy)"]
