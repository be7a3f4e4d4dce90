from ingest_company import Company

LINES = "invoice_line_id,invoice_id,invoiced_at,amount\n"
CUSTOMERS = "billing_customer_id,country,updated_at\n"


def customers(company: Company, **declaration: object) -> None:
    company.source(
        feed="billing_customers",
        path="*.csv",
        format="csv",
        delivery="upserts",
        **declaration,
    )


def test_a_byte_identical_row_is_known(invoices: Company) -> None:
    row = "L1,I1,2026-11-20,1\n"
    invoices.deliver("a.csv", LINES + row + "L2,I1,2026-11-20,1\n" + row + row)
    assert invoices.counts() == (4, 2, 0, 2, 0)
    assert invoices.raw("invoice_lines", "invoice_line_id, _line") == [
        ("L1", 2),
        ("L2", 3),
    ]


def test_the_first_of_two_events_with_one_id_stays(invoices: Company) -> None:
    rows = ["L1,I1,2026-11-20,1", "L1,I1,2026-11-20,2", "L1,I1,2026-11-20,1"]
    invoices.deliver("a.csv", LINES + "\n".join(rows))
    assert invoices.counts() == (3, 1, 1, 1, 0)
    assert invoices.raw("invoice_lines", "amount::INTEGER") == [(1,)]
    reason = "invoice_line_id: other content than on line 2"
    assert invoices.quarantine() == [(3, reason)]


def test_two_rows_of_one_id_without_a_version_are_both_quarantined(
    company: Company,
) -> None:
    customers(company)
    rows = "c1,DE,2026-11-19\nc1,FR,2026-11-20\nc2,DE,2026-11-19\n"
    company.deliver("a.csv", CUSTOMERS + rows)
    assert company.counts() == (3, 1, 2, 0, 0)
    reason = "billing_customer_id: two different rows for one id and no version"
    assert company.quarantine() == [(2, reason), (3, reason)]


def test_versions_of_one_id_all_stay_in_raw(company: Company) -> None:
    customers(company, version_at={"path": "updated_at"})
    rows = "c1,DE,2026-11-19\nc1,FR,2026-11-20\nc1,IT,2026-11-20\nc2,FR,soon\n"
    company.deliver("a.csv", CUSTOMERS + rows)
    assert company.counts() == (4, 1, 3, 0, 0)
    assert company.raw("billing_customers", "country, _version_at::VARCHAR") == [
        ("DE", "2026-11-19 00:00:00")
    ]
    assert company.quarantine()[2] == (5, "version_at: not a timestamp")


def test_the_same_row_in_another_file_is_another_delivery(invoices: Company) -> None:
    invoices.deliver("a.csv", LINES + "L1,I1,2026-11-20,1\n")
    invoices.deliver("b.csv", LINES + "L1,I1,2026-11-20,2\n")
    invoices.ingest()
    assert invoices.raw("invoice_lines", "amount::INTEGER, _received") == [
        (1, 1),
        (2, 2),
    ]


def test_the_version_may_lie_in_the_path(company: Company) -> None:
    customers(
        company,
        version_at={"file_path": r"customers-(\d{8})", "format": "%Y%m%d"},
    )
    company.deliver("customers-20261119.csv", "billing_customer_id\nc1\n")
    company.deliver("other.csv", "billing_customer_id\nc2\n")
    result = company.ingest()
    found = company.raw("billing_customers", "_version_at::VARCHAR")
    assert found == [("2026-11-19 00:00:00",)]
    assert (
        result.rejected[0].reason
        == "version_at: 'customers-(\\\\d{8})' is not in the path"
    )


def test_a_source_may_have_a_finer_id(company: Company) -> None:
    company.source(
        feed="survey_responses",
        path="*.csv",
        format="csv",
        delivery="upserts",
        id=["response_id", "question_id", "answer_text"],
    )
    header = "response_id,question_id,answer_text,submitted_at\n"
    company.deliver("a.csv", header + "r,q,red,2026-11-20\nr,q,blue,2026-11-20\n")
    assert company.counts() == (2, 2, 0, 0, 0)
