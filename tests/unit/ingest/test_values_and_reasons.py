from datetime import datetime
from typing import Any

import pytest
from ingest_company import Company

INVOICE = {
    "invoice_line_id": "L1",
    "invoice_id": "I1",
    "invoiced_at": "2026-11-20",
    "amount": 1,
}


@pytest.fixture
def lines(company: Company) -> Company:
    company.source(
        feed="invoice_lines", path="*.jsonl", format="jsonl", delivery="events"
    )
    return company


def deliver(company: Company, *changes: dict[str, Any]) -> None:
    good = {**INVOICE, "invoice_line_id": "good"}
    rows = [
        {**INVOICE, "invoice_line_id": f"L{n}", **change}
        for n, change in enumerate(changes)
    ]
    company.deliver("a.jsonl", [good, *rows])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": "abc"}, "amount: not a number"),
        (
            {"amount": "1,234.50"},
            "amount: not a number (thousands separator or decimal comma)",
        ),
        (
            {"amount": "1_0"},
            "amount: not a number (thousands separator or decimal comma)",
        ),
        ({"amount": "NaN"}, "amount: not a finite number"),
        ({"amount": "-inf"}, "amount: not a finite number"),
        ({"amount": "99999999999999999"}, "amount: too large"),
        ({"amount": None}, "amount: missing"),
        ({"amount": "  "}, "amount: missing"),
        ({"invoiced_at": "2026-02-30"}, "invoiced_at: not a timestamp"),
        ({"invoiced_at": "20/11/2026"}, "invoiced_at: not a timestamp"),
        ({"invoiced_at": "infinity"}, "invoiced_at: not a timestamp"),
        ({"invoiced_at": "1899-12-30"}, "invoiced_at: before 1900-01-01"),
        (
            {"invoiced_at": "2026-11-21T03:00:01Z"},
            "invoiced_at: later than its delivery",
        ),
        ({"currency": "eux"}, "currency: not a currency of ISO 4217"),
        (
            {"amount": "x", "invoice_id": None},
            "amount: not a number; invoice_id: missing",
        ),
    ],
)
def test_a_bad_value_is_quarantined_with_its_column_and_reason(
    lines: Company, change: dict[str, Any], reason: str
) -> None:
    deliver(lines, change)
    assert lines.counts() == (2, 1, 1, 0, 0)
    ((line, found),) = lines.quarantine()
    assert line == 2
    assert sorted(found.split("; ")) == sorted(reason.split("; "))


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-20", "2026-11-20 00:00:00"),
        ("2026-11-20 10:00", "2026-11-20 10:00:00"),
        ("2026-11-20T10:00:00.5Z", "2026-11-20 10:00:00.5"),
        ("2026-11-20T10:00:00+0530", "2026-11-20 04:30:00"),
        ("2026-11-21T03:00:00Z", "2026-11-21 03:00:00"),
    ],
)
def test_times_are_read_as_utc(lines: Company, written: str, utc: str) -> None:
    deliver(lines, {"invoiced_at": written})
    lines.ingest()
    assert lines.raw("invoice_lines", "invoiced_at::VARCHAR")[1] == (utc,)


@pytest.mark.parametrize(
    ("rule", "written", "utc"),
    [
        ({"unit": "ms"}, 1763632800123, "2025-11-20 10:00:00.123"),
        ({"unit": "s"}, "1763632800.5", "2025-11-20 10:00:00.5"),
        ({"format": "%d/%m/%Y %H:%M"}, "01/07/2026 10:00", "2026-07-01 09:00:00"),
        ({"format": "%d/%m/%Y %H:%M%z"}, "01/07/2026 10:00+02", "2026-07-01 08:00:00"),
        ({}, "2026-07-01 10:00", "2026-07-01 09:00:00"),
        ({}, "2026-07-01 10:00Z", "2026-07-01 10:00:00"),
    ],
)
def test_the_declaration_says_how_times_are_written(
    company: Company, rule: dict[str, str], written: Any, utc: str
) -> None:
    fields: dict[str, Any] = {name: name for name in INVOICE}
    fields["invoiced_at"] = {"path": "invoiced_at", **rule}
    company.source(
        feed="invoice_lines",
        path="*.jsonl",
        format="jsonl",
        delivery="events",
        fields=fields,
        timezone="Europe/London",
    )
    company.deliver("a.jsonl", [{**INVOICE, "invoiced_at": written}])
    company.ingest()
    assert company.raw("invoice_lines", "invoiced_at::VARCHAR") == [(utc,)]


def test_a_late_evening_instant_is_the_next_local_day(company: Company) -> None:
    company.source(
        feed="subscriptions",
        path="*.jsonl",
        format="jsonl",
        delivery="upserts",
        timezone="Asia/Tokyo",
    )
    row = {"subscription_id": "s", "billing_customer_id": "c", "monthly_amount": 5}
    company.deliver("a.jsonl", [{**row, "starts_on": "2026-11-19T20:00:00Z"}])
    company.ingest()
    assert company.raw("subscriptions", "starts_on::VARCHAR") == [("2026-11-20",)]


def test_the_future_is_judged_by_when_the_file_was_first_seen(lines: Company) -> None:
    deliver(lines, {"invoiced_at": "2026-06-01"})
    lines.ingest(seen_at=datetime(2026, 6, 1))
    assert lines.raw("invoice_lines", "invoice_line_id") == [("L0",)]


def test_scores_outside_their_scale_are_quarantined(company: Company) -> None:
    company.source(
        feed="survey_responses", path="*.jsonl", format="jsonl", delivery="upserts"
    )
    row = {"question_id": "q", "submitted_at": "2026-11-20"}
    answers = [
        ("nps", 10),
        ("nps", 11),
        ("nps", 9.5),
        ("csat", 5),
        ("csat", -1),
        (None, 99),
    ]
    company.deliver(
        "a.jsonl",
        [
            {**row, "response_id": n, "survey_kind": kind, "answer_number": number}
            for n, (kind, number) in enumerate(answers)
        ],
    )
    assert company.counts() == (6, 3, 3, 0, 0)
    assert [line for line, _ in company.quarantine()] == [2, 3, 5]


def test_declared_bounds_values_defaults_constants_and_fallbacks(
    company: Company,
) -> None:
    company.source(
        feed="survey_responses",
        path="*.jsonl",
        format="jsonl",
        delivery="upserts",
        fields={
            "response_id": ["id", "token"],
            "question_id": {"value": "stars"},
            "survey_kind": {"path": "k", "values": {"S": "csat"}, "default": "reason"},
            "answer_number": {"path": "n", "type": "decimal", "min": 0, "max": 5},
            "submitted_at": "at",
        },
    )
    rows = [
        {"id": "1", "k": "S", "n": 5, "at": "2026-11-20"},
        {"token": "2", "k": "other", "n": 0, "at": "2026-11-20"},
        {"id": "3", "n": 6, "at": "2026-11-20"},
    ]
    company.deliver("a.jsonl", rows)
    company.ingest()
    columns = "response_id, question_id, survey_kind"
    assert company.raw("survey_responses", columns) == [
        ("1", "stars", "csat"),
        ("2", "stars", "reason"),
    ]
    assert company.quarantine() == [(3, "answer_number: more than 5")]


def test_expressions_calculate_and_never_lose_a_text_silently(company: Company) -> None:
    company.source(
        feed="invoice_lines",
        path="*.csv",
        format="csv",
        delivery="events",
        where="status <> 'test'",
        fields={
            "invoice_line_id": {"sql": "inv || '-' || no"},
            "invoice_id": "inv",
            "invoiced_at": "at",
            "amount": {"sql": "qty * price * (1 - rebate)"},
            "kind": {"sql": "case when qty < 0 then 'refund' else 'sale' end"},
        },
    )
    company.deliver(
        "a.csv",
        "inv,no,at,qty,price,rebate,status\n"
        "A,1,2026-11-20,-3,0.10,0.5,ok\n"
        "A,2,2026-11-20,three,0.10,0,ok\n"
        "A,3,2026-11-20,1,1,0,test\n",
    )
    assert company.counts() == (2, 1, 1, 0, 0)
    columns = "invoice_line_id, amount::VARCHAR, kind"
    assert company.raw("invoice_lines", columns) == [("A-1", "-0.1500", "refund")]
    reason = "amount: qty is not a number; kind: qty is not a number"
    assert company.quarantine() == [(3, reason)]
    assert company.ingest().files[0].row.filtered == 1


def test_a_parameter_of_an_address_is_decoded(company: Company) -> None:
    company.source(
        feed="web_events",
        path="*.jsonl",
        format="jsonl",
        delivery="events",
        fields={
            "event_id": "id",
            "anonymous_id": "a",
            "event_type": {"value": "page"},
            "event_at": "at",
            "utm_source": {"sql": "url_param(page.url, 'utm_source')"},
        },
    )
    url = "https://x.example/?utm_source=spring%20sale&x=1"
    company.deliver(
        "a.jsonl", [{"id": 1, "a": 1, "at": "2026-11-20", "page": {"url": url}}]
    )
    company.ingest()
    assert company.raw("web_events", "utm_source") == [("spring sale",)]
