"""Tombstones: what was erased does not come back with an old or repeated delivery.

Keyed hashes only. A person who returns with newer rows is welcome.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa

from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.personal import HASHES, stored_id
from dagster_project.ingest.reading.layout import Engine
from dagster_project.privacy.request import Request, privacy_folder
from dagster_project.privacy.subject import BY_INVOICE, HINT, OWN, key_of
from dagster_project.settings import Settings
from dagster_project.warehouse import identifier, literal

SCHEMA = """
create table if not exists tombstones (
    id_type text, hash text, hint text, erased_at text,
    primary key (id_type, hash, erased_at)
)
"""
#: What these identifiers are called as long as they are clear.
CLEAR = {"email_hash": "email", "phone_hash": "phone"}

Stones = dict[tuple[str, str], str]  # the last erasure of (id_type, hash)


def tombstones_path(home: Path) -> Path:
    """Where they lie."""
    return home / "privacy" / "tombstones.sqlite"


def bury(settings: Settings, request: Request) -> None:
    """Keep the identifiers of an erasure; the same again changes nothing."""
    path = privacy_folder(settings) / tombstones_path(settings.home).name
    path.touch(mode=0o600)
    rows = [(*key, request.asked_at) for key in request.keys]
    with _open(path) as database:
        database.executemany("insert or ignore into tombstones values (?,?,?,?)", rows)


def drop_tombstoned(engine: Engine, settings: Settings, source: SourceSpec) -> int:
    """Take rows of erased persons out of `judged`; their number.

    They count as known. Rows dated after the erasure stay. Those without a date go:
    they cannot be told from what was erased.
    """
    path = tombstones_path(settings.home)
    if not path.exists():
        return 0
    stones, hints = _stones(path)
    feed = source.feed_spec
    dropped = 0
    for id_type in (*OWN, BY_INVOICE):
        name = CLEAR.get(id_type, id_type)
        if name in feed.fields and hints.get(id_type):
            values = _erased(engine, settings, id_type, name, stones, hints[id_type])
            dropped += _drop(engine, feed, name, values)
    return dropped


def _erased(
    engine: Engine,
    settings: Settings,
    id_type: str,
    name: str,
    stones: Stones,
    hints: set[str],
) -> list[tuple[str, str]]:
    """The values of a column that were erased, and when."""
    column = identifier(name)
    which = f"{column} is not null"
    if id_type == name:
        listed = ", ".join(literal(hint) for hint in sorted(hints))
        which = f"""left(md5({column}), {HINT}) in ({listed})
            or contains({column}, '@') or starts_with({column}, '+')"""
    found = engine.execute(f"select distinct {column} from judged where {which}")
    erased = []
    for (value,) in found.fetchall():
        stored = _stored(settings.pepper_bytes, name, id_type, value)
        key = key_of(settings.pepper_bytes, id_type, stored)
        if erased_at := stones.get((id_type, key.hash)):
            erased.append((value, erased_at))
    return erased


def _stored(pepper: bytes, name: str, id_type: str, value: str) -> str:
    match name:
        case "email" | "phone":
            return HASHES[name](pepper, value)
        case _:
            return stored_id(pepper, value)


def _drop(
    engine: Engine, feed: FeedSpec, name: str, values: list[tuple[str, str]]
) -> int:
    if not values:
        return 0
    columns = {"value": [v for v, _ in values], "erased_at": [at for _, at in values]}
    engine.register("erased_values", pa.table(columns))
    anonymous = name == BY_INVOICE and "billing_customer_id" in feed.fields
    found = engine.execute(f"""
        update judged set _is_known = true, _reason = null, _raw = null
        from erased_values
        where judged.{identifier(name)} = erased_values.value
        and {_is_older(feed)} and not _is_known
        {"and judged.billing_customer_id is null" if anonymous else ""}""")
    engine.unregister("erased_values")
    return int(found.fetchall()[0][0])


def _is_older(feed: FeedSpec) -> str:
    if feed.business_date is None:
        return "true"
    day = f"judged.{identifier(feed.business_date)}"
    moment = "cast(erased_values.erased_at as TIMESTAMP)"
    is_date = feed.fields[feed.business_date] == "date"
    before = f"{day} <= cast({moment} as DATE)" if is_date else f"{day} < {moment}"
    return f"coalesce({before}, true)"


def _stones(path: Path) -> tuple[Stones, dict[str, set[str]]]:
    query = """
        select id_type, hash, hint, max(erased_at) from tombstones
        group by id_type, hash, hint"""
    stones: Stones = {}
    hints: dict[str, set[str]] = {}
    with _open(path) as database:
        for id_type, hash_, hint, erased_at in database.execute(query):
            stones[id_type, hash_] = erased_at
            hints.setdefault(id_type, set()).add(hint)
    return stones, hints


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=60)) as database, database:
        database.execute("pragma synchronous = full")
        database.execute(SCHEMA)
        yield database
