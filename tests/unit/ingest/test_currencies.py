"""Currency codes and amounts in minor units, through `ingest()`."""

from pathlib import Path
from typing import Any

import pytest
from ingest_company import Company

from dagster_project.errors import DeclarationError
from dagster_project.ingest.currencies import MINOR_UNITS
from dagster_project.ingest.grammar.source_spec import load_sources

CHARGE = {"payment_id": "p", "paid_at": "2026-11-20", "status": "succeeded"}


def charges(company: Company, minor: Any = "currency") -> Company:
    fields: dict[str, Any] = {name: name for name in (*CHARGE, "currency")}
    company.source(
        feed="payments",
        path="*.jsonl",
        format="jsonl",
        delivery="events",
        fields={**fields, "amount": {"path": "cents", "minor": minor}},
    )
    return company


def deliver(company: Company, *rows: tuple[Any, Any]) -> None:
    company.deliver(
        "a.jsonl",
        [
            {**CHARGE, "payment_id": f"p{n}", "cents": cents, "currency": currency}
            for n, (cents, currency) in enumerate(rows)
        ],
    )
    company.ingest()


def amounts(company: Company) -> list[tuple[str, str]]:
    return company.raw("payments", "currency, amount::VARCHAR")


def test_minor_units_are_those_of_the_currency(company: Company) -> None:
    charges(company)
    deliver(company, (1999, "EUR"), (500, "JPY"), (5125, "KWD"), (12345, "CLF"))
    assert amounts(company) == [
        ("EUR", "19.9900"),
        ("JPY", "500.0000"),
        ("KWD", "5.1250"),
        ("CLF", "1.2345"),
    ]


def test_large_and_negative_amounts_and_parts_of_a_cent_stay_exact(
    company: Company,
) -> None:
    charges(company)
    deliver(company, (9007199254740993, "EUR"), (-1, "EUR"), ("0.5", "EUR"))
    assert [amount for _, amount in amounts(company)] == [
        "90071992547409.9300",
        "-0.0100",
        "0.0050",
    ]


def test_a_vendor_may_depart_from_the_list(company: Company) -> None:
    charges(company, {"currency": "currency", "digits": {"ISK": 2}})
    deliver(company, (500, "isk"), (500, "jpy"))
    assert amounts(company) == [("ISK", "5.0000"), ("JPY", "500.0000")]


def test_codes_of_vendors_in_small_letters_are_those_of_the_list(
    company: Company,
) -> None:
    charges(company)
    deliver(company, (100, "usd"), (100, "Gbp"))
    assert [currency for currency, _ in amounts(company)] == ["USD", "GBP"]


@pytest.mark.parametrize(
    ("cents", "currency", "reason"),
    [
        (1, "XYZ", "currency: not a currency of ISO 4217"),
        (1, "euro", "currency: not a currency of ISO 4217"),
        (1, "€", "currency: not a currency of ISO 4217"),
        (1, None, "amount: minor units of no currency"),
        ("abc", "EUR", "amount: not a number"),
        (
            "1.234,50",
            "EUR",
            "amount: not a number (thousands separator or decimal comma)",
        ),
        ("NaN", "EUR", "amount: not a finite number"),
        ("99999999999999999999", "EUR", "amount: too large"),
        ("9" * 40, "EUR", "amount: too large"),
    ],
)
def test_money_of_no_known_currency_or_amount_is_quarantined(
    company: Company, cents: Any, currency: Any, reason: str
) -> None:
    charges(company)
    deliver(company, (100, "EUR"), (cents, currency))
    assert company.quarantine() == [(2, reason)]
    assert len(amounts(company)) == 1


def test_an_absent_amount_needs_no_currency(company: Company) -> None:
    charges(company)
    deliver(company, (None, None))
    assert company.raw("payments", "amount") == [(None,)]


def test_an_expression_may_give_minor_units(company: Company) -> None:
    fields: dict[str, Any] = {name: name for name in (*CHARGE, "currency")}
    company.source(
        feed="payments",
        path="*.jsonl",
        format="jsonl",
        delivery="events",
        fields={**fields, "amount": {"sql": "cents - fee", "minor": "currency"}},
    )
    company.deliver("a.jsonl", [{**CHARGE, "cents": 1000, "fee": 1, "currency": "KWD"}])
    company.ingest()
    assert company.raw("payments", "amount::VARCHAR") == [("0.9990",)]


@pytest.mark.parametrize(
    ("minor", "reason"),
    [
        ("status", "fields.amount: minor names a mapped currency column"),
        ("nope", "fields.amount: minor names a mapped currency column"),
        ("{currency: currency, digits: {XYZ: 2}}", "unknown currency XYZ"),
        ("{currency: currency, digits: {EUR: 9}}", "EUR: 0 to 4 digits"),
    ],
)
def test_a_wrong_minor_is_one_readable_error(
    tmp_path: Path, minor: str, reason: str
) -> None:
    (tmp_path / "payments.yml").write_text(f"""
feed: payments
path: "*.csv"
format: csv
delivery: events
fields:
  payment_id: id
  paid_at: at
  status: status
  currency: currency
  amount: {{path: cents, minor: {minor}}}
""")
    with pytest.raises(DeclarationError) as caught:
        load_sources(tmp_path)
    assert reason in str(caught.value)


def test_only_an_amount_has_minor_units(tmp_path: Path) -> None:
    (tmp_path / "payments.yml").write_text("""
feed: payments
path: "*.csv"
format: csv
delivery: events
fields:
  payment_id: {path: id, minor: currency}
  paid_at: at
  status: status
  currency: currency
""")
    with pytest.raises(DeclarationError, match="minor is for amounts"):
        load_sources(tmp_path)


def test_the_list_knows_currencies_without_and_with_three_digits() -> None:
    assert len(MINOR_UNITS) > 170
    assert {MINOR_UNITS[code] for code in ("JPY", "KRW", "VND", "CLP", "ISK")} == {0}
    assert {MINOR_UNITS[code] for code in ("KWD", "BHD", "JOD", "OMR", "TND")} == {3}
    assert {MINOR_UNITS[code] for code in ("EUR", "USD", "HUF", "MGA")} == {2}
    assert "XYZ" not in MINOR_UNITS
