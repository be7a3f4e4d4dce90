"""The bundled invoices against the figures of their source, and the bundling itself."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.errors import UsageError
from samples.retail import bundle as bundling
from tests.reference.retail_files import (
    DATA,
    LANDING,
    Row,
    needs_sources,
    reference,
    rows,
    rows_of,
)


@pytest.fixture(scope="module")
def lines() -> list[Row]:
    return rows("billing/invoice_lines-*.csv.gz")


def amount(line: Row) -> Decimal:
    return Decimal(line["Quantity"]) * Decimal(line["UnitPrice"])


def vendor_part(line: Row) -> tuple[str, ...]:
    return tuple(value for name, value in line.items() if name != "LineNo")


def figures(lines: list[Row]) -> dict[str, object]:
    """The figures of the source's reference, by its names."""
    identified = [line for line in lines if line["CustomerID"]]
    sales = [
        line
        for line in identified
        if not line["InvoiceNo"].startswith("C")
        and int(line["Quantity"]) > 0
        and Decimal(line["UnitPrice"]) > 0
    ]
    cancelled = [line for line in lines if line["InvoiceNo"].startswith("C")]
    return {
        "lines": len(lines),
        "invoices_distinct": len({line["InvoiceNo"] for line in lines}),
        "customers_distinct": len({line["CustomerID"] for line in identified}),
        "lines_without_customer": len(lines) - len(identified),
        "lines_without_description": sum(not line["Description"] for line in lines),
        "cancel_lines": len(cancelled),
        "cancel_invoices": len({line["InvoiceNo"] for line in cancelled}),
        "negative_quantity_lines": sum(int(line["Quantity"]) < 0 for line in lines),
        "exact_duplicate_lines": len(lines) - len(set(map(vendor_part, lines))),
        "countries": len({line["Country"] for line in lines}),
        "first": min(line["InvoiceDate"] for line in lines),
        "last": max(line["InvoiceDate"] for line in lines),
        "net_amount_all_lines": sum(map(amount, lines)),
        "net_amount_identified": sum(map(amount, identified)),
        "sales_customers": len({line["CustomerID"] for line in sales}),
        "sales_invoices": len({line["InvoiceNo"] for line in sales}),
        "sales_amount": sum(map(amount, sales)),
    }


def test_the_invoices_hold_what_their_readme_says(lines):
    found = figures(lines)
    assert found["lines"] == 142_083
    assert found["invoices_distinct"] == 6_877
    assert found["customers_distinct"] == 2_189
    assert found["lines_without_customer"] == 45_136
    assert found["cancel_lines"] == 2_603
    assert found["exact_duplicate_lines"] == 1_284
    assert found["net_amount_identified"] == Decimal("2046189.16")
    assert found["net_amount_all_lines"] == Decimal("2490287.01")


@needs_sources
def test_the_invoices_give_every_figure_of_the_source(lines):
    expected = reference("online_retail_part")
    assert {
        name: str(value) if isinstance(value, str) else float(value)
        for name, value in figures(lines).items()
    } == {name: expected[name] for name in figures(lines)}


def test_a_line_number_counts_on_within_its_invoice(lines):
    numbers = defaultdict(list)
    for line in lines:
        numbers[line["InvoiceNo"]].append(int(line["LineNo"]))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


@pytest.mark.parametrize(
    ("pattern", "column"),
    [
        ("billing/invoice_lines-*.csv.gz", "InvoiceDate"),
        ("billing/customers-*.csv", "UpdatedAt"),
        ("survey/reviews-*.csv.gz", "SubmittedAt"),
    ],
)
def test_a_file_holds_only_the_period_in_its_name(pattern, column):
    for path in sorted(LANDING.glob(pattern)):
        period = path.name.split(".")[0].split("-", 1)[1]
        assert all(row[column].startswith(period) for row in rows_of(path)), path


def test_every_customer_is_delivered_on_the_day_of_the_first_invoice(lines):
    first: dict[str, str] = {}
    for line in lines:
        first.setdefault(line["CustomerID"], line["InvoiceDate"])
    del first[""]
    customers = rows("billing/customers-*.csv")
    created = {row["CustomerID"]: row["CreatedAt"] for row in customers}
    new = {r["CustomerID"] for r in customers if r["CreatedAt"] == r["UpdatedAt"]}
    assert created == first
    assert new == set(first)


def test_a_customer_who_moves_is_delivered_again():
    versions = [
        (row["CustomerID"], row["UpdatedAt"][:10], row["Country"])
        for row in rows("billing/customers-*.csv")
    ]
    assert len(versions) == 2_193
    assert [row for row in versions if row[0] in ("12370", "12431")] == [
        ("12431", "2010-12-01", "Australia"),
        ("12370", "2010-12-14", "Cyprus"),
        ("12370", "2010-12-17", "Austria"),
        ("12431", "2011-02-17", "Belgium"),
        ("12431", "2011-02-27", "Australia"),
        ("12370", "2011-03-10", "Cyprus"),
    ]


@needs_sources
def test_the_bundle_can_be_made_again(tmp_path):
    written = bundling.bundle(DATA, tmp_path / "landing")

    def files(folder: Path) -> dict[str, Path]:
        found = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path for path in found}

    again, committed = files(tmp_path / "landing"), files(LANDING)
    assert sum(written.values()) == 142_083 + 2_193 + 30_969 + 146_312
    assert again.keys() == committed.keys()
    changed = [n for n in again if again[n].read_bytes() != committed[n].read_bytes()]
    assert changed == []


def test_a_missing_data_set_is_named(tmp_path):
    with pytest.raises(UsageError, match="nasa_http.csv.gz"):
        bundling.bundle(tmp_path, tmp_path / "landing")


@needs_sources
def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not an empty folder"):
        bundling.bundle(DATA, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
