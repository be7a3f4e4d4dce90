import duckdb
from ingest_company import Company

PAYMENTS = """
    select * from (values
        (7.0::DOUBLE, {'customer': 'c1'}, timestamptz '2026-11-20 10:00:00+02',
            12.34::DECIMAL(10, 2), 'succeeded'),
        (8.0, {'customer': 'c2'}, timestamptz '2026-11-20 10:00:00+02', 1, 'lost')
    ) as t("Payment ID", meta, paid_at, amount, status)"""


def deliver(company: Company, name: str, query: str) -> None:
    duckdb.execute(f"copy ({query}) to '{company.landing / name}' (format parquet)")


def test_rows_keep_types_nested_columns_and_row_numbers(company: Company) -> None:
    company.source(
        feed="payments",
        path="*.parquet",
        format="parquet",
        delivery="upserts",
        fields={
            "payment_id": "payment id",
            "billing_customer_id": "meta.customer",
            "paid_at": "paid_at",
            "amount": "amount",
            "status": "status",
        },
    )
    deliver(company, "a.parquet", PAYMENTS)
    assert company.counts() == (2, 1, 1, 0, 0)
    columns = (
        "payment_id, billing_customer_id, paid_at::VARCHAR, amount::VARCHAR, _line"
    )
    assert company.raw("payments", columns) == [
        ("7", "c1", "2026-11-20 08:00:00", "12.3400", 1)
    ]
    ((line, reason),) = company.quarantine()
    assert (line, reason) == (2, "status: not one of succeeded, failed, refunded")


def test_files_are_told_apart_and_a_truncated_one_is_rejected_alone(
    company: Company,
) -> None:
    company.source(
        feed="products", path="*.parquet", format="parquet", delivery="upserts"
    )
    for name in "abc":
        deliver(
            company, f"{name}.parquet", f"select '{name}' as product_id, 1 as price"
        )
    path = company.landing / "b.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    result = company.ingest()
    assert [row.path for row in result.loaded] == ["a.parquet", "c.parquet"]
    assert company.raw("products", "product_id") == [("a",), ("c",)]
    assert result.rejected[0].reason == "not readable as Parquet (truncated or damaged)"


def test_pages_that_are_damaged_in_the_middle_spoil_only_their_file(
    company: Company,
) -> None:
    company.source(
        feed="products", path="*.parquet", format="parquet", delivery="upserts"
    )
    for name in "abc":
        query = f"select '{name}' || range as product_id, 1 as price from range(2000)"
        deliver(company, f"{name}.parquet", query)
    path = company.landing / "b.parquet"
    content = bytearray(path.read_bytes())
    content[4:200] = b"\xff" * 196
    path.write_bytes(content)
    result = company.ingest()
    assert [row.path for row in result.rejected] == ["b.parquet"]
    assert [row.loaded for row in result.loaded] == [2000, 2000]
