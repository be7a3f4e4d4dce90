"""What arrived tonight next to what accepted nights have seen, from profiles alone."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from dagster_project import warehouse
from dagster_project.gates.arrival_columns import arrival_columns
from dagster_project.gates.arrival_tables import ENOUGH_ROWS
from dagster_project.gates.arrivals import KEPT_FILES, lay_out_arrivals
from dagster_project.ingest.feeds import FEEDS
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.ledger import open_ledger
from dagster_project.ingest.load import ingest
from dagster_project.settings import Settings

AS_OF = date(2026, 11, 21)
PROFILES = """
create schema night; create schema release;
create table night.control as select date '2026-11-21' as as_of_date;
create table night.feeds (feed varchar, is_present boolean);
create table night.sources (source varchar, feed varchar, required boolean);
create table release.source_profiles (
    file_id varchar, reading bigint, column_name varchar, rows bigint, nulls bigint,
    lowest varchar, highest varchar, distinct_values bigint, value_counts varchar
);
"""


class World:
    """One source of payments, night after night."""

    def __init__(self, folder, connection, **declaration):
        self.settings = Settings(
            home=folder / "home", landing=folder / "landing", pepper="p", timezone="UTC"
        )
        self.settings.landing_folder.mkdir()
        self.source(**declaration)
        self.connection = connection
        self.seen: set[str] = set()
        connection.execute(PROFILES)
        for feed in FEEDS:
            connection.execute("insert into night.feeds values (?, false)", [feed])

    def source(self, **declaration):
        usual = {
            "name": "payments",
            "feed": "payments",
            "path": "*.jsonl",
            "format": "jsonl",
            "delivery": "upserts",
        }
        self.declared = SourceSpec.model_validate(usual | declaration)

    def deliver(self, name, rows, day="2026-11-20", **values):
        row = {"paid_at": f"{day}T10:00:00Z", "status": "succeeded", "amount": 5}
        row |= {"currency": "EUR", "billing_customer_id": "b"}
        lines = [
            {**row, "payment_id": f"{name}-{n}"}
            | {k: v(n) if callable(v) else v for k, v in values.items()}
            for n in range(rows)
        ]
        path = self.settings.landing_folder / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def night(self, as_of=AS_OF):
        ingest(self.settings, [self.declared])
        with open_ledger(self.settings) as ledger:
            files = ledger.rows("loaded")
        self.connection.execute("delete from night.sources")
        self.connection.execute(
            "insert into night.sources values (?, ?, ?)",
            [self.declared.name, self.declared.feed, self.declared.required],
        )
        self.connection.execute(
            "update night.feeds set is_present = true where feed = ?",
            [self.declared.feed],
        )
        lay_out_arrivals(self.connection, self.settings, as_of, files, self.seen)
        return self.arrivals()

    def accept(self):
        """The night becomes the predecessor of the next one."""
        self.connection.execute(
            "create or replace table release.source_profiles as select * exclude"
            " (source, feed, path, sequence, is_new, is_kept, is_mounted)"
            " from night.file_profiles where is_kept"
        )
        with open_ledger(self.settings) as ledger:
            self.seen = {row.file_id for row in ledger.rows("loaded", "rejected")}

    def arrivals(self):
        table = f"night.arrivals__{self.declared.feed}"
        found = self.connection.execute(f"from {table}")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        assert set(names) == set(arrival_columns(self.declared.feed))
        return rows

    def profiled(self, *columns):
        select = ", ".join(columns)
        return self.connection.execute(
            f"select distinct {select} from night.file_profiles order by all"
        ).fetchall()


@pytest.fixture
def connection() -> Iterator:
    with warehouse.connect() as opened:
        yield opened


@pytest.fixture
def world(tmp_path, connection) -> World:
    return World(tmp_path, connection, required=True)


def test_a_new_file_is_one_row_with_its_shares(world):
    world.deliver("a.jsonl", 4, status=lambda n: "failed" if n == 0 else "succeeded")
    (row,) = world.night()
    assert (row["path"], row["rows"], row["lines"]) == ("a.jsonl", 4, 4)
    assert (row["status__failed"], row["status__refunded"]) == (0.25, 0)
    assert (row["status__values"], row["unlisted_share"]) == (2, 0)
    assert (row["failure_code__nulls"], row["amount__nulls"]) == (1, 0)
    assert (row["required_nulls"], row["quarantined_share"]) == (0, 0)
    assert (row["is_present"], row["is_required"]) == (True, True)
    assert (row["newest_on"], row["days_old"]) == (date(2026, 11, 20), 1)


def test_a_first_night_has_nothing_to_compare_with(world):
    world.deliver("a.jsonl", 60)
    world.deliver("b.jsonl", 60, amount=None)
    assert [row["null_change"] for row in world.night()] == [None, None]


def test_an_accepted_file_is_not_new_and_not_read_again(world):
    world.deliver("a.jsonl", 60)
    world.night()
    world.accept()
    for path in (world.settings.home / "raw").glob("*/*.parquet"):
        path.write_bytes(b"nobody reads this")
    (row,) = world.night()
    assert (row["path"], row["days_old"]) == (None, 1)
    assert world.profiled("path", "is_new", "rows") == [("a.jsonl", False, 60)]


def test_a_night_that_was_not_accepted_leaves_its_files_new(world):
    world.deliver("a.jsonl", 60)
    assert world.night() == world.night()


def test_a_lost_column_is_named_with_the_change_of_its_share(world):
    world.deliver("a.jsonl", 60, amount=lambda n: 5 if n < 45 else None)
    world.night()
    world.accept()
    world.deliver("b.jsonl", 60, amount=None)
    (row,) = world.night()
    assert (row["null_change_of"], row["null_change"]) == ("amount", 0.75)


def test_another_mix_is_half_the_sum_of_the_differences(world):
    world.deliver("a.jsonl", 60, currency=lambda n: "EUR" if n < 45 else "USD")
    world.night()
    world.accept()
    world.deliver("b.jsonl", 60, currency=lambda n: ("EUR", "GBP")[n % 2])
    (row,) = world.night()
    # 3/4 EUR and 1/4 USD became 1/2 EUR and 1/2 GBP.
    assert (row["mix_change_of"], row["mix_change"]) == ("currency", 0.5)


def test_few_rows_are_not_compared_but_together_they_are(world):
    world.deliver("a.jsonl", 60)
    world.night()
    world.accept()
    half = ENOUGH_ROWS // 2
    world.deliver("b.jsonl", half, amount=None)
    (row,) = world.night()
    assert row["null_change"] is None
    world.deliver("c.jsonl", half, amount=None)
    world.deliver("d.jsonl", ENOUGH_ROWS)
    changes = {row["path"]: row["null_change"] for row in world.night()}
    assert changes == {"b.jsonl": 1, "c.jsonl": 1, "d.jsonl": 0}


def test_a_file_read_again_under_another_declaration_is_looked_at_again(world):
    world.deliver("a.jsonl", 60)
    world.night()
    world.accept()
    world.source(fields={n: n for n in ("payment_id", "paid_at", "status")})
    (row,) = world.night()
    assert (row["path"], row["amount__nulls"]) == ("a.jsonl", 1)


def test_days_to_come_do_not_make_a_feed_fresh(tmp_path, connection):
    world = World(tmp_path, connection, feed="subscriptions")
    row = {"subscription_id": "s", "billing_customer_id": "b", "monthly_amount": 1}
    for name, day in (("a", "2026-11-11"), ("b", "2027-02-01")):
        path = world.settings.landing_folder / f"{name}.jsonl"
        path.write_text(json.dumps(row | {"starts_on": day}))
    rows = world.night()
    assert {row["newest_on"] for row in rows} == {date(2026, 11, 11)}
    assert {row["days_old"] for row in rows} == {10}


def test_a_replaced_snapshot_is_kept_to_compare_with_and_does_not_count(
    tmp_path, connection
):
    world = World(tmp_path, connection, delivery="full_snapshot")
    world.deliver("a.jsonl", 60)
    world.night()
    world.accept()
    world.deliver("b.jsonl", 60, amount=None)
    (row,) = world.night()
    assert row["null_change"] == 1
    assert world.profiled("path", "is_mounted") == [
        ("a.jsonl", False),
        ("b.jsonl", True),
    ]


def test_profiles_of_long_ago_are_not_kept_but_those_of_the_last_files_are(world):
    for n in range(KEPT_FILES + 2):
        world.deliver(f"{n}.jsonl", 1, day=f"2026-06-{n + 1:02}")
    world.deliver("late.jsonl", 1, day="2026-06-30")
    world.night()
    kept = [path for path, is_kept in world.profiled("path", "is_kept") if is_kept]
    assert len(kept) == KEPT_FILES and "late.jsonl" in kept
    world.night(AS_OF - timedelta(days=150))
    assert all(is_kept for (is_kept,) in world.profiled("is_kept"))


def test_feeds_that_never_came_have_no_table(world):
    world.deliver("a.jsonl", 1)
    world.night()
    tables = world.connection.execute(
        "select table_name from duckdb_tables() where table_name like 'arrivals\\_\\_%'"
        " escape '\\'"
    ).fetchall()
    assert tables == [("arrivals__payments",)]


def test_the_arrivals_of_every_feed_can_be_laid_out(world):
    world.connection.execute("update night.feeds set is_present = true")
    world.deliver("a.jsonl", 1)
    world.night()
    for feed in FEEDS:
        found = world.connection.execute(f"from night.arrivals__{feed}")
        assert {c[0] for c in found.description} == set(arrival_columns(feed)), feed
        assert len(found.fetchall()) == 1
