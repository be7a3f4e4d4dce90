"""Spoils good deliveries by the hundred, takes them in, and looks for every line.

`python -m tests.mutation.campaign SEED COUNT` prints what became of them as JSON.
"""

import faulthandler
import hashlib
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingest.grammar.source_spec import SourceSpec, load_sources
from dagster_project.ingest.ledger import LedgerRow, open_ledger
from dagster_project.ingest.load import ingest
from dagster_project.ingest.reading.landed import landed_path
from dagster_project.settings import REPOSITORY, Settings
from tests.mutation.golden import goldens
from tests.mutation.mutate import mutant
from tests.mutation.oracle import Found, Lost, check

SEEN_AT = datetime(2026, 11, 21, 2)
HANGS_AFTER = 1800


def campaign(folder: Path, seed: int, count: int) -> tuple[Counter, list[str]]:
    """What became of the files and lines, and what is wrong with any of them."""
    sources = load_sources(REPOSITORY / "sources")
    settings = Settings(
        home=folder / "home",
        landing=folder / "landing",
        pepper="pepper",
        settle_seconds=0,
    )
    contents = deliver(folder, sources, random.Random(seed), count)
    faulthandler.dump_traceback_later(HANGS_AFTER, exit=True)
    try:
        ingest(settings, sources, seen_at=SEEN_AT)
    finally:
        faulthandler.cancel_dump_traceback_later()
    with open_ledger(settings) as ledger:
        rows = ledger.rows()
    return judge(settings, sources, rows, contents)


def deliver(
    folder: Path, sources: list[SourceSpec], chance: random.Random, count: int
) -> dict[str, bytes]:
    """Write the spoilt files; their contents by hash."""
    groups = goldens(folder, sources)
    every = [golden for group in groups.values() for golden in group]
    contents = {}
    for number in range(count):
        golden = chance.choice(groups[_group(chance, list(groups))])
        suffix, content = mutant(chance, golden, every)
        parent, _, name = golden.name.rpartition("/")
        stem = name.partition(".")[0]
        path = folder / "landing" / parent / f"{stem}-m{number:05}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        contents[hashlib.sha256(content).hexdigest()] = content
    return contents


def _group(chance: random.Random, groups: list[str]) -> str:
    """Which kind of file is next; one that nine sources read costs nine readings."""
    group = chance.choice(groups)
    is_cheap = "+" not in group or chance.random() < 0.2
    return group if is_cheap else _group(chance, groups)


def judge(
    settings: Settings,
    sources: list[SourceSpec],
    rows: list[LedgerRow],
    contents: dict[str, bytes],
) -> tuple[Counter, list[str]]:
    """Compare what is kept of every file with its bytes."""
    fates: Counter = Counter()
    problems = []
    by_name = {source.name: source for source in sources}
    found = kept(settings, sources)
    for row in rows:
        fates[f"{row.status} files"] += 1
        of_file = found[row.file_id]
        try:
            fates += check(row, by_name[row.source], contents[row.content], of_file)
            _check_landed(settings, row, contents[row.content])
        except Lost as problem:
            problems.append(f"{row.source} {row.path} ({row.reason}): {problem}")
    missing = contents.keys() - {row.content for row in rows}
    problems += [f"never entered: {contents[sha][:60]!r}" for sha in missing]
    return fates, problems


def kept(settings: Settings, sources: list[SourceSpec]) -> dict[str, Found]:
    """What lies in raw and in quarantine, by file."""
    found: dict[str, Found] = defaultdict(Found)
    raw = settings.home / "raw"
    for feed in {source.feed: source.feed_spec for source in sources}.values():
        # Of a personal id raw holds only a hash.
        id_ = feed.id[0] if feed.id[0] in feed.columns else "null"
        query = f"select _file_id, _line, {id_} from '{raw}/{feed.name}/*.parquet'"
        for file, line, value in _rows(raw / feed.name, query):
            found[file].loaded.setdefault(line, []).append(value)
    query = f"select file_id, line, raw from '{raw}/quarantine/*.parquet'"
    for file, line, content in _rows(raw / "quarantine", query):
        found[file].bad.setdefault(line, []).append(content)
    return found


def _rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    return duckdb.execute(query).fetchall() if any(folder.glob("*.parquet")) else []


def _check_landed(settings: Settings, row: LedgerRow, content: bytes) -> None:
    """The bytes themselves are kept, too."""
    copy = landed_path(settings.home, row.content, row.path)
    if not copy.exists() or copy.read_bytes() != content:
        raise Lost("no landed copy")


def main() -> None:
    seed, count = map(int, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        fates, problems = campaign(Path(folder), seed, count)
    print(json.dumps({"fates": fates, "problems": problems}))


if __name__ == "__main__":
    main()
