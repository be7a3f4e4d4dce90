import gzip

from ingest_company import Company

HEADER = "invoice_line_id,invoice_id,invoiced_at,amount\n"
LINE = "L1,I1,2026-11-20 10:00,9.50\n"


def test_a_row_keeps_its_text_ids_and_exact_amount(invoices: Company) -> None:
    invoices.deliver("a.csv", HEADER + "007,0012,2026-11-20 10:00,9.5\n")
    assert invoices.counts() == (1, 1, 0, 0, 0)
    found = invoices.raw(
        "invoice_lines", "invoice_line_id, invoice_id, amount::VARCHAR"
    )
    assert found == [("007", "0012", "9.5000")]


def test_quoted_newlines_do_not_shift_the_line_numbers(invoices: Company) -> None:
    header = HEADER.strip() + ",description\n"
    first = 'L1,I1,2026-11-20 10:00,1,"two\nlines"\n'
    invoices.deliver("a.csv", header + first + "L2,I1,2026-11-20 10:00,x,\n")
    assert invoices.counts() == (2, 1, 1, 0, 0)
    assert invoices.raw("invoice_lines", "description, _line") == [("two\nlines", 2)]
    assert invoices.quarantine() == [(4, "amount: not a number")]


def test_bom_crlf_header_case_order_and_extra_columns_are_accepted(
    invoices: Company,
) -> None:
    header = "Amount, Invoiced At ,INVOICE ID,invoice_line_id,colour\r\n"
    content = header + "3,2026-11-20T10:00:00Z,I1,L1,red\r\n\r\n"
    invoices.deliver("a.csv", b"\xef\xbb\xbf" + content.encode())
    assert invoices.counts() == (2, 1, 0, 0, 1)


def test_a_header_alone_is_legal(invoices: Company) -> None:
    invoices.deliver("a.csv", HEADER)
    assert invoices.counts() == (0, 0, 0, 0, 0)
    assert invoices.ingest().sources[0].is_present


def test_a_quarantined_row_keeps_its_bytes(invoices: Company) -> None:
    bad = b"L2,I1,2026-11-20 10:00,caf\xe9"
    invoices.deliver("a.csv", (HEADER + LINE).encode() + bad + b"\r\n")
    assert invoices.counts() == (2, 1, 1, 0, 0)
    assert invoices.quarantine("line, reason, raw") == [(3, "row: not UTF-8", bad)]


def test_rows_with_other_widths_are_quarantined(invoices: Company) -> None:
    invoices.deliver("a.csv", HEADER + LINE + "L2,I1\n" + "L3,I1,2026-11-20,1,1\n")
    assert invoices.counts() == (3, 1, 2, 0, 0)
    assert invoices.quarantine("reason") == [
        ("row: 2 cells, not 4",),
        ("row: 5 cells, not 4",),
    ]


def test_broken_quoting_spoils_only_its_row(invoices: Company) -> None:
    invoices.deliver("a.csv", HEADER + '"L0"x,I1,2026-11-20,1\n' + LINE)
    assert invoices.counts() == (2, 1, 1, 0, 0)


def test_gzip_is_told_by_the_suffix(invoices: Company) -> None:
    invoices.deliver("a.csv.gz", gzip.compress((HEADER + LINE).encode()))
    assert invoices.counts() == (1, 1, 0, 0, 0)


def test_header_and_skipped_records_of_wide_exports(company: Company) -> None:
    company.source(
        feed="invoice_lines",
        path="*.csv",
        format="csv",
        delivery="events",
        delimiter=";",
        header=2,
        skip=[3],
    )
    header = HEADER.replace(",", ";")
    skipped = '"a question\nin two lines";;;\n'
    company.deliver("a.csv", "Report\n" + header + skipped + LINE.replace(",", ";"))
    assert company.counts() == (1, 1, 0, 0, 0)
    assert company.raw("invoice_lines", "_line") == [(5,)]


def test_columns_without_a_header_are_numbered(company: Company) -> None:
    fields = ("invoice_line_id", "invoice_id", "invoiced_at", "amount")
    company.source(
        feed="invoice_lines",
        path="*.csv",
        format="csv",
        delivery="events",
        header=0,
        fields={name: f"column_{n}" for n, name in enumerate(fields, start=1)},
    )
    company.deliver("a.csv", LINE)
    assert company.counts() == (1, 1, 0, 0, 0)


def test_wide_answers_become_one_row_each(company: Company) -> None:
    company.source(
        feed="survey_responses",
        path="*.csv",
        format="csv",
        delivery="upserts",
        unpivot={"prefix": "Q", "key": "question_id", "value": "answer_text"},
        fields={"response_id": "id", "submitted_at": "at"},
    )
    company.deliver(
        "a.csv", "id,at,Q1,Q2\n1,2026-11-20,yes,no\n2,2026-11-20,,no\n3,x,,\n"
    )
    assert company.counts() == (3, 3, 0, 0, 0)
    found = company.raw("survey_responses", "response_id, question_id, answer_text")
    assert found == [("1", "Q1", "yes"), ("1", "Q2", "no"), ("2", "Q2", "no")]
    assert company.ingest().files[0].row.filtered == 1
