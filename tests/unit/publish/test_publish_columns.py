import pytest

from dagster_project.errors import SegmentsError
from dagster_project.publish.columns import published_column
from dagster_project.warehouse import connect


@pytest.mark.parametrize(
    ("value", "published", "kind"),
    [
        ("1 / 3", 0.333333333, "DOUBLE"),
        ("1.1::float", 1.10000002, "DOUBLE"),
        ("-0.0::double", 0.0, "DOUBLE"),
        ("null::double", None, "DOUBLE"),
        ("7::hugeint", 7, "DECIMAL(38,0)"),
        ("'active'::enum ('active')", "active", "VARCHAR"),
        ("timestamptz '2026-11-21 02:00:00+02'", "2026-11-21 00:00:00", "TIMESTAMP"),
        ("['a', 'b']", ["a", "b"], "VARCHAR[]"),
        ("12.50::decimal(18, 2)", "12.50", "DECIMAL(18,2)"),
    ],
)
def test_a_value_is_published_in_a_form_every_client_reads(value, published, kind):
    with connect() as connection:
        connection.execute(f'create table t as select {value} as "a value"')
        column = connection.execute("describe t").fetchall()[0]
        item = published_column(column[0], column[1])
        row = connection.execute(
            f'select "a value", typeof("a value") from (select {item} from t)'
        ).fetchone()
    assert row[1] == kind
    assert row[0] == published or str(row[0]) == published


def test_a_negative_zero_is_published_without_its_sign():
    with connect() as connection:
        item = published_column("x", "DOUBLE")
        row = connection.execute(
            f"select x::varchar from (select {item} from (select (-0.0)::double as x))"
        ).fetchone()
    assert row == ("0.0",)


@pytest.mark.parametrize(
    "kind", ["INTERVAL", "BLOB", "DOUBLE[]", "STRUCT(a HUGEINT)", "MAP(UUID, DATE)"]
)
def test_a_type_that_would_change_on_the_way_is_refused(kind):
    with pytest.raises(SegmentsError, match="column x has type .* cannot be published"):
        published_column("x", kind)
