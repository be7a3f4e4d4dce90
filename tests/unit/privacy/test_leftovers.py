"""Logs and run records lose addresses and phones; states and the work file go."""

import sqlite3
from contextlib import closing

from privacy_world import ADA, ADA_PHONE, BOB, Shop


def test_logs_and_run_records_keep_all_but_her_addresses(shop: Shop) -> None:
    home = shop.settings.home
    (home / "logs").mkdir(parents=True)
    log = home / "logs" / "night.log"
    log.write_text(f"x.csv:7: {ADA} and {BOB}, {ADA_PHONE}\n")
    (home / "dagster" / "history").mkdir(parents=True)
    records = home / "dagster" / "history" / "runs.db"
    with closing(sqlite3.connect(records)) as database, database:
        database.execute("create table event_logs (id integer, event text)")
        texts = [(1, f'{{"sample": "{ADA}"}}'), (2, f"only {BOB}"), (3, None)]
        database.executemany("insert into event_logs values (?, ?)", texts)
    shop.forget()
    assert log.read_text() == f"x.csv:7: <erased> and {BOB}, <erased>\n"
    with closing(sqlite3.connect(records)) as database:
        found = database.execute("select event from event_logs order by id").fetchall()
    assert found == [('{"sample": "<erased>"}',), (f"only {BOB}",), (None,)]
    assert shop.holding() == {}


def test_what_only_saves_work_is_deleted(shop: Shop) -> None:
    home = shop.settings.home
    for name in ("state/1.duckdb", "held/2.duckdb", "work/dbt/manifest.json"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_bytes(b"x")
    (home / "held/2.duckdb").chmod(0o444)
    request = shop.forget()
    assert not any((home / name).exists() for name in ("state", "held", "work/dbt"))
    places = {place: counts["files"] for place, counts in request.touched.items()}
    assert places == {"state": 1, "held": 1, "work": 1}


def test_a_landing_file_that_may_not_be_written_is_named(shop: Shop) -> None:
    shop.deliver_everything()
    shop.ingest()
    (shop.landing / "web").chmod(0o500)
    try:
        request = shop.forget()
    finally:
        (shop.landing / "web").chmod(0o700)
    # The superuser may write everywhere.
    assert request.not_reached in (["web/a.jsonl.gz"], [])
