"""What bringing deliveries in costs, beside plain copies. `make bench` runs it.

    python -m bench.ingest [--events 1000000]

Prints Markdown. Every figure is a process of its own over the same file; a plain copy
reads the file with the engine alone and writes Parquet, checks nothing and keeps
nothing else.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bench.processes import Cost, measure, peak_megabytes
from bench.tables import print_table
from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.load import ingest
from dagster_project.settings import load_settings
from dagster_project.warehouse import connect, literal

SEEN_AT = datetime(2026, 3, 1)
BAD_EVERY = 1000

# About 700 bytes each; one in a thousand has no time, one in fifty an address.
EVENTS = f"""
select json_object(
    'event_id', md5(n::varchar),
    'anonymous_id', 'a' || (n * 7919 % ({{events}} // 20)),
    'user_id', case when n % 3 = 0 then 'u' || (n * 104729 % ({{events}} // 50)) end,
    'email', case when n % 50 = 0 then 'p' || (n % 5000) || '@x.example' end,
    'event_type', case when n % 2 = 0 then 'page' else 'track' end,
    'event_name', case when n % 2 = 1 then 'feature_used' end,
    'event_at', case when n % {BAD_EVERY} <> 0
        then strftime(timestamp '2026-01-01' + to_seconds(n * 1728000 // {{events}}),
            '%Y-%m-%dT%H:%M:%SZ') else 'soon' end,
    'session_id', 's' || (n // 8),
    'url', 'https://x.example/p/' || (n % 1000) || '?utm_source=g&q=' || md5('q' || n),
    'referrer', 'https://g.example/',
    'device_type', 'mobile', 'os', 'iOS', 'browser', 'Safari', 'country', 'DE',
    'properties', json_object('a', n / 7, 'words', repeat(md5('w' || n), 8), 'k', n)
) as line
from range({{events}}) as numbers (n)
"""
TEXT = "format csv, header false, quote '', escape '', delimiter e'\\x01'"
TYPED = """
select * exclude (properties, event_at), try_cast(event_at as timestamp) as event_at,
    cast(to_json(properties) as varchar) as properties
from read_json({source}, format = 'newline_delimited')
"""


def main(arguments: list[str]) -> None:
    """Measure the ways in, or be one of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", nargs=2, metavar=("WAY", "FILE"))
    chosen = parser.parse_args(arguments)
    if chosen.only:
        way, file = chosen.only
        print(json.dumps(WAYS[way](Path(file)) | {"megabytes": peak_megabytes()}))
        return
    with tempfile.TemporaryDirectory(prefix="segments-bench-") as folder:
        print_ratios(Path(folder), chosen.events)


def print_ratios(folder: Path, events: int) -> None:
    """Both formats, plain and brought in."""
    lines, parquet = folder / "events.jsonl", folder / "events.parquet"
    with connect() as engine:
        query = EVENTS.format(events=events)
        engine.execute(f"copy ({query}) to {literal(lines)} ({TEXT})")
        typed = TYPED.format(source=literal(lines))
        engine.execute(f"copy ({typed}) to {literal(parquet)} (format parquet)")
    rows = []
    for file in (lines, parquet):
        plain = cost_of("plain", file)
        brought = cost_of("ingest", file)
        rows += [(file, "plain copy", plain, 1.0)]
        rows += [(file, "ingest", brought, brought.cpu / plain.cpu)]
    print(f"{events:,} events, one in {BAD_EVERY:,} of them bad:\n")
    print_table(
        ["file", "MB", "way", "rows", "bad", "CPU-s", "wall s", "peak MB", "ratio"],
        [
            (
                file.name,
                file.stat().st_size >> 20,
                way,
                f"{cost.said['rows']:,}",
                f"{cost.said['bad']:,}",
                f"{cost.cpu:.1f}",
                f"{cost.wall:.0f}",
                cost.megabytes,
                f"{ratio:.2f}",
            )
            for file, way, cost, ratio in rows
        ],
    )


def cost_of(way: str, file: Path) -> Cost:
    """One way in, in a process of its own, in a home that is deleted."""
    with tempfile.TemporaryDirectory(prefix="segments-bench-") as home:
        return measure(
            ["-m", "bench.ingest", "--only", way, str(file)],
            SEGMENTS_HOME=home,
            SEGMENTS_SETTLE_SECONDS="0",
            SEGMENTS_PEPPER="bench",
        )


def copy_plainly(file: Path) -> dict[str, int]:
    """The engine's own reader and writer."""
    reader = "read_parquet({})" if file.suffix == ".parquet" else "read_json({})"
    target = load_settings().home / "plain.parquet"
    with connect(settings=load_settings()) as engine:
        query = f"select * from {reader.format(literal(file))}"
        done = engine.execute(
            f"copy ({query}) to {literal(target)} (format parquet, compression zstd)"
        )
        return {"rows": done.fetchall()[0][0], "bad": 0}


def bring_in(file: Path) -> dict[str, int]:
    """The ingest of a night."""
    settings = load_settings()
    folder = settings.home / "landing" / "web"
    folder.mkdir(parents=True)
    os.link(file, folder / f"events-1{file.suffix}")
    declarations = settings.home / "sources"
    declarations.mkdir()
    format_ = "parquet" if file.suffix == ".parquet" else "jsonl"
    (declarations / "web_events.yml").write_text(
        f"feed: web_events\npath: web/*\nformat: {format_}\ndelivery: events\n"
    )
    (row,) = ingest(settings, load_sources(declarations), seen_at=SEEN_AT).loaded
    return {"rows": row.loaded, "bad": row.quarantined}


WAYS: dict[str, Callable[[Path], dict[str, int]]] = {
    "plain": copy_plainly,
    "ingest": bring_in,
}

if __name__ == "__main__":
    main(sys.argv[1:])
