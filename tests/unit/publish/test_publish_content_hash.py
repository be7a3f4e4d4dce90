from hashlib import md5
from pathlib import Path

import pytest

from dagster_project.publish.content_hash import content_hash, release_hash
from dagster_project.warehouse import connect

ROWS = """
(values
    ('r1', 'c1', 12.50::decimal(18, 2), 0.1::double, ['a', 'b'], {'k': 1}),
    ('r1', 'c2', null, null, null, {'k': null}),
    ('r1', 'c3', 7.00, -2.5e10, [], null)
) as t (release_id, customer_id, mrr, slope, tags, more)
"""


@pytest.fixture
def connection():
    with connect() as opened:
        opened.execute(f"create table base as select * from {ROWS}")
        yield opened


@pytest.mark.parametrize(
    "same",
    [
        pytest.param("(select * from base order by customer_id desc)", id="row order"),
        pytest.param(
            "(select more, slope, customer_id, tags, mrr from base)", id="column order"
        ),
        pytest.param(
            "(select * replace ('r2' as release_id) from base)", id="release id"
        ),
        pytest.param(
            "(select * replace (slope + 1e-16 as slope) from base)",
            id="beyond 12 digits",
        ),
    ],
)
def test_the_hash_ignores_what_is_not_content(connection, same):
    assert content_hash(connection, same) == content_hash(connection, "base")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("(select * replace (mrr + 0.01 as mrr) from base)", id="a value"),
        pytest.param(
            "(select * replace (coalesce(mrr, 0)::decimal(18, 2) as mrr) from base)",
            id="zero for null",
        ),
        pytest.param(
            "(select * replace (coalesce(slope, 0) as slope) from base)",
            id="zero for a null double",
        ),
        pytest.param(
            "(select * replace (list_reverse(tags) as tags) from base)",
            id="order in a list",
        ),
        pytest.param(
            "(select * replace (mrr::decimal(18, 3) as mrr) from base)", id="a type"
        ),
        pytest.param("(select *, 1 as extra from base)", id="a column"),
        pytest.param("(select * rename (mrr as arr) from base)", id="a name"),
        pytest.param("(from base union all by name from base)", id="rows twice"),
        pytest.param("(from base where customer_id <> 'c3')", id="a row less"),
    ],
)
def test_the_hash_tells_a_different_content(connection, other):
    assert content_hash(connection, other) != content_hash(connection, "base")


def test_two_equal_rows_do_not_cancel_out(connection):
    pair = "(select 'a' as x union all select 'a')"
    other = "(select 'b' as x union all select 'b')"
    assert content_hash(connection, pair) != content_hash(connection, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "('a' || chr(31) || 'b', 'c')", "('a', 'b' || chr(31) || 'c')", id="parts"
        ),
        pytest.param("(null, 'c')", r"('\N', 'c')", id="null"),
        pytest.param("('', 'c')", "(null, 'c')", id="empty"),
    ],
)
def test_no_text_passes_for_another(connection, one, other):
    def digest(row: str) -> str:
        return content_hash(connection, f"(values {row}) as t (x, y)")

    assert digest(one) != digest(other)


def test_minus_zero_is_zero(connection):
    plus, minus = "(select 0.0::double as x)", "(select (-0.0)::double as x)"
    assert content_hash(connection, plus) == content_hash(connection, minus)


def test_an_empty_table_has_the_hash_of_its_columns(connection):
    empty = content_hash(connection, "(from base where false)")
    narrow = content_hash(connection, "(select mrr from base where false)")
    assert len(empty) == len(narrow) == 32
    assert empty != narrow


def test_threads_and_file_layout_do_not_change_the_hash(connection, tmp_path: Path):
    connection.execute(
        "create table big as select i as id, (i * 7 % 1000) / 7 as share, "
        "'customer ' || i as name, i % 3 = 0 as flag from range(300000) as t (i)"
    )
    digests = set()
    for threads in (1, 2):
        connection.execute(f"set threads = {threads}")
        digests.add(content_hash(connection, "big"))
    connection.execute(
        f"copy (from big order by name) to '{tmp_path}/parts' "
        "(format parquet, row_group_size 20000, row_groups_per_file 4)"
    )
    parts = list((tmp_path / "parts").iterdir())
    digests.add(content_hash(connection, f"read_parquet('{tmp_path}/parts/*.parquet')"))
    assert len(parts) > 1
    assert len(digests) == 1


def test_the_hash_equals_a_plain_recomputation(connection):
    """A difference here makes every older release look damaged."""

    def md5_of(text: str) -> str:
        return md5(text.encode()).hexdigest()

    texts = [
        ["2:c1", "6:[a, b]", "12.50", "0.1"],
        [r"2:c2", r"\N", r"\N", r"\N"],
        [r"2:c3", "2:[]", "7.00", "-25000000000"],
    ]
    # DuckDB reads the 16 bytes of an md5 from the last to the first.
    digests = [bytes.fromhex(md5_of("\x1f".join(row)))[::-1].hex() for row in texts]
    high = sum(int(digest[:16], 16) for digest in digests)
    low = sum(int(digest[16:], 16) for digest in digests)
    header = "\x1f".join(
        ["customer_id VARCHAR", "labels VARCHAR[]", "mrr DECIMAL(18,2)", "slope DOUBLE"]
    )
    expected = md5_of("\n".join([header, "3", str(high), str(low)]))
    renamed = "(select customer_id, tags as labels, mrr, slope from base)"
    assert content_hash(connection, renamed) == expected


def test_the_release_hash_does_not_depend_on_the_order_of_its_tables():
    assert release_hash({"a": "1", "b": "2"}) == release_hash({"b": "2", "a": "1"})
    assert release_hash({"a": "1", "b": "2"}) != release_hash({"a": "2", "b": "1"})
