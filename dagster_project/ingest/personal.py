"""Personal values: hashed for the raw tables, clear only in `raw/pii`.

The key of the hashes is `settings.pepper_bytes`.
"""

import hashlib
import hmac
import re
from collections.abc import Callable

import pyarrow as pa

from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.kinds import Kind
from dagster_project.ingest.layout import Engine
from dagster_project.warehouse import identifier, literal

NO_DIGITS = re.compile(r"\D+")

#: The clear columns of a `raw/pii` file; the ids link them where the feed has them.
CLEAR = ("email", "phone", "name", "user_id", "billing_customer_id")


def email_hash(pepper: bytes, email: str) -> str:
    """HMAC-SHA256 (hex) of the address without regard to case and outer spaces."""
    return _hmac(pepper, email.strip().lower())


def phone_hash(pepper: bytes, phone: str) -> str:
    """HMAC-SHA256 (hex) of the digits with a leading plus: +49 30 1, 0049-30-1."""
    return _hmac(pepper, "+" + NO_DIGITS.sub("", phone).removeprefix("00"))


HASHES: dict[Kind, Callable[[bytes, str], str]] = {
    "email": email_hash,
    "phone": phone_hash,
}


def hash_personal_values(engine: Engine, feed: FeedSpec, pepper: bytes) -> None:
    """Fill `hashes(kind, clear, hash)` with the distinct values of `judged`."""
    rows: list[tuple[str, str, str]] = []
    for name in feed.personal:
        kind = feed.fields[name]
        if kind not in HASHES:
            continue
        column = identifier(name)
        distinct = engine.execute(
            f"select distinct {column} from judged where {column} is not null"
        ).fetchall()
        rows += [(kind, clear, HASHES[kind](pepper, clear)) for (clear,) in distinct]
    names = ("kind", "clear", "hash")
    arrays = [
        pa.array([row[at] for row in rows], pa.string()) for at in range(len(names))
    ]
    engine.register("hashed", pa.Table.from_arrays(arrays, names=list(names)))
    engine.execute("create or replace temp table hashes as select * from hashed")
    engine.unregister("hashed")


def hash_joins(feed: FeedSpec) -> str:
    """The joins that give `<column>_hash.hash` beside each row of `judged`."""
    return " ".join(
        f"left join hashes as {identifier(f'{name}_hash')}"
        f" on {identifier(f'{name}_hash')}.kind = {literal(feed.fields[name])}"
        f" and {identifier(f'{name}_hash')}.clear = judged.{identifier(name)}"
        for name in _hashed(feed)
    )


def raw_columns(feed: FeedSpec) -> list[str]:
    """The select list of the feed's own raw columns, personal ones replaced."""
    columns = []
    for name, kind in feed.fields.items():
        if kind not in ("email", "phone", "name"):
            columns.append(f"judged.{identifier(name)}")
        if kind in HASHES:
            hash_name = identifier(f"{name}_hash")
            columns.append(f"{hash_name}.hash as {hash_name}")
        if kind == "email":
            domain = f"lower(trim(split_part(judged.{identifier(name)}, '@', 2)))"
            columns.append(f"{domain} as {identifier(f'{name}_domain')}")
    return columns


def clear_rows_sql(feed: FeedSpec) -> str:
    """The rows of a `raw/pii` file: each combination once, with its newest version.

    Values that identify nobody (an e-mail without an @) are kept, without a hash.
    """
    columns = [f"{literal(feed.name)} as feed"]
    for name in ("email", "phone"):
        hashed = f"{name}_hash.hash" if name in _hashed(feed) else "null::VARCHAR"
        columns.append(f"{hashed} as {name}_hash")
    columns += [f"{_clear(feed, name)} as {name}" for name in CLEAR]
    is_personal = " or ".join(
        f"{identifier(f'given.{name}')} is not null" for name in feed.personal
    )
    return f"""
        select _file, {", ".join(columns)}, max(_version_at) as _version_at
        from judged {hash_joins(feed)}
        where _reason is null and not _is_known and ({is_personal})
        group by all"""


def _hashed(feed: FeedSpec) -> list[str]:
    return [name for name in feed.personal if feed.fields[name] in HASHES]


def _clear(feed: FeedSpec, name: str) -> str:
    if name in feed.personal:
        return f"judged.{identifier(f'given.{name}')}"
    return f"judged.{name}" if name in feed.fields else "null::VARCHAR"


def _hmac(pepper: bytes, text: str) -> str:
    return hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest()
