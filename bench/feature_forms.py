"""Single steps beside their obvious forms, on the raw rows of `bench.features`.

    python -m bench.feature_forms FOLDER

The last line of the output is JSON: step, form, CPU-seconds, times a plain scan, times
the obvious form, peak megabytes. Each form runs alone in a process of its own.
"""

import json
import multiprocessing
import sys
import time
from pathlib import Path

import duckdb

from bench.feature_data import LAST
from bench.obvious_forms import (
    CHANGES,
    DISTINCT_DAYS,
    EVERY_MONTH,
    FIRST_DELIVERY,
    FROM_DAYS,
    READ,
    TWO_WINDOWS,
)
from bench.processes import peak_megabytes
from dagster_project.features.rendering import render_model
from dagster_project.repeated_events import TABLE, find_repeated_events
from dagster_project.transform import PROJECT
from dagster_project.warehouse import connect, literal

#: Step, form and what runs; the obvious form of a step comes first.
FORMS = {
    ("scan", "23 columns"): "scan",
    ("first delivery of each event", "row_number over all"): "obvious_deduplication",
    ("first delivery of each event", "repeated numbers"): "deduplication",
    ("sessions", "two windows over events"): "two_windows",
    ("sessions", "slots, then windows"): "slots_and_sessions",
    ("days of visitors", "distinct over events"): "distinct_days",
    ("days of visitors", "slots rolled up"): "roll_up",
    ("MRR by month", "every month, then lag"): "every_month",
    ("MRR by month", "changes only"): "changes",
}


def main(folder: Path) -> None:
    """Run each form in a process of its own; none of them sees the others' memory."""
    rows, scan, obvious = [], 0.0, {}
    context = multiprocessing.get_context("spawn")
    for (step, form), name in FORMS.items():
        receiver, sender = context.Pipe()
        process = context.Process(target=run_one, args=(folder, name, sender))
        process.start()
        cpu, megabytes = receiver.recv()
        process.join()
        scan = scan or cpu
        first = obvious.setdefault(step, cpu)
        ratios = f"{cpu / scan:.1f}", f"{cpu / first:.2f}"
        rows.append([step, form, f"{cpu:.2f}", *ratios, megabytes])
        print(rows[-1], file=sys.stderr, flush=True)
    print(json.dumps({"rows": rows}))


def run_one(folder: Path, name: str, sender) -> None:
    """Prepare what a form reads, then run and measure it."""
    database = folder / "forms.duckdb"
    with connect(database) as connection:
        connection.execute(
            "set threads = 2; set memory_limit = '4GB';"
            " set preserve_insertion_order = false; set enable_progress_bar = false"
        )
        prepare(connection, folder, name)
        begun = time.process_time()
        run_form(connection, name)
        sender.send((time.process_time() - begun, peak_megabytes()))


def prepare(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """The tables that a form reads, as far as they are not there yet."""
    events = literal(folder / "raw" / "web_events" / "*.parquet")
    connection.execute(
        "create schema if not exists raw; create schema if not exists night;"
        f"create or replace view raw.web_events as from read_parquet({events});"
        "create or replace view web_events as from raw.web_events;"
        "create or replace table night.control as"
        f" select date {literal(LAST)} as as_of_date, 'UTC' as timezone;"
        "create or replace view control as from night.control;"
    )
    for seed in ("event_meanings", "channel_rules", "source_categories"):
        path = literal(PROJECT / "seeds" / f"{seed}.csv")
        connection.execute(f"create or replace view {seed} as from read_csv({path})")
    if name == "deduplication":
        connection.execute(f"drop table if exists {TABLE}")
    if name in {"two_windows", "slots_and_sessions", "distinct_days"}:
        staging = render_model("stg_web__events")
        connection.execute(f"create table if not exists events as {staging}")
    if name in {"every_month", "changes"}:
        path = literal(folder / "raw" / "subscriptions" / "*.parquet")
        connection.execute(
            "create table if not exists periods as select billing_customer_id as"
            " customer_id, starts_on, ends_on, monthly_amount::decimal(18, 2) as"
            f" monthly_amount from read_parquet({path})"
        )


def run_form(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """What is measured."""
    plain = {
        "scan": READ.format("from raw.web_events"),
        "obvious_deduplication": READ.format(FIRST_DELIVERY),
        "two_windows": f"create or replace table out as {TWO_WINDOWS}",
        "distinct_days": f"create or replace table out as {DISTINCT_DAYS}",
        "every_month": f"create or replace table out as {EVERY_MONTH}",
        "changes": f"create or replace table out as {CHANGES}",
    }
    if name in plain:
        connection.execute(plain[name])
    elif name == "deduplication":
        find_repeated_events(connection, "UTC")
        connection.execute(f"create or replace view repeated_events as from {TABLE}")
        staging = render_model("stg_web__events")
        connection.execute(READ.format(staging))
    elif name == "slots_and_sessions":
        connection.execute("create or replace view stg_web__events as from events")
        for model in ("int_web__slots", "int_web__sessions"):
            connection.execute(
                f"create or replace table {model} as {render_model(model)}"
            )
    elif name == "roll_up":
        model = "int_web__daily_activity"
        connection.execute(f"create or replace table {model} as {render_model(model)}")
        connection.execute(f"create or replace table out as {FROM_DAYS}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
