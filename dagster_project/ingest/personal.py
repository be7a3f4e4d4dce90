"""Personal values: hashed for the raw tables, clear only in `raw/pii`.

The key of the hashes is `settings.pepper_bytes`. Texts with personal data in them are
masked in `masking.py`.
"""

import hashlib
import hmac
import re
from collections.abc import Callable

import pyarrow as pa

from dagster_project.ingest.feeds import FeedSpec
from dagster_project.ingest.kinds import Kind
from dagster_project.ingest.reading.layout import Engine
from dagster_project.warehouse import identifier, literal

NO_DIGITS = re.compile(r"\D+")

#: The clear columns of a `raw/pii` file; the ids link them where the feed has them.
CLEAR = ("email", "phone", "name", "user_id", "billing_customer_id")

#: Ids that are an address or a phone in disguise.
MAIL_ID = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE_ID = re.compile(r"\+[0-9][0-9 ()/.-]{5,}[0-9]")


def email_hash(pepper: bytes, email: str) -> str:
    """HMAC-SHA256 (hex) of the address without regard to case and outer spaces."""
    return _hmac(pepper, email.strip().lower())


def phone_hash(pepper: bytes, phone: str) -> str:
    """HMAC-SHA256 (hex) of the digits with a leading plus: +49 30 1, 0049-30-1."""
    return _hmac(pepper, "+" + NO_DIGITS.sub("", phone).removeprefix("00"))


def stored_id(pepper: bytes, given: str) -> str:
    """An id as the raw tables hold it: hashed when it is an address or a phone."""
    if MAIL_ID.fullmatch(given):
        return email_hash(pepper, given)
    return phone_hash(pepper, given) if PHONE_ID.fullmatch(given) else given


HASHES: dict[Kind, Callable[[bytes, str], str]] = {
    "email": email_hash,
    "phone": phone_hash,
}


def hash_personal_values(engine: Engine, feed: FeedSpec, pepper: bytes) -> None:
    """Fill `hashes(kind, clear, hash)` and `id_hashes(clear, hash, is_mail)`.

    Of `judged`; only distinct values are hashed.
    """
    hashes: list[tuple[str, str, str]] = [
        (kind, clear, HASHES[kind](pepper, clear))
        for name, kind in feed.fields.items()
        if kind in HASHES
        for clear in _distinct(engine, name, f"{identifier(name)} is not null")
    ]
    _fill(engine, "hashes", ("kind", "clear", "hash"), hashes)
    suspects = {
        clear for name in _ids(feed) for clear in _distinct(engine, name, _signs(name))
    }
    disguised = [
        (clear, hashed, "yes" if MAIL_ID.fullmatch(clear) else "no")
        for clear in sorted(suspects)
        if (hashed := stored_id(pepper, clear)) != clear
    ]
    _fill(engine, "id_hashes", ("clear", "hash", "is_mail"), disguised)


def hash_joins(feed: FeedSpec) -> str:
    """The joins that give `<column>_hash.hash` beside each row of `judged`."""
    joins = [
        f"left join hashes as {_of(name)}"
        f" on {_of(name)}.kind = {literal(feed.fields[name])}"
        f" and {_of(name)}.clear = judged.{identifier(name)}"
        for name in _hashed(feed)
    ]
    joins += [
        f"left join id_hashes as {_of(name)}"
        f" on {_of(name)}.clear = judged.{identifier(name)}"
        for name in _ids(feed)
    ]
    return " ".join(joins)


def raw_columns(feed: FeedSpec) -> list[str]:
    """The select list of the feed's own raw columns, personal ones replaced."""
    columns = []
    for name, kind in feed.fields.items():
        if kind in HASHES:
            columns.append(f"{_hash(feed, name)} as {identifier(f'{name}_hash')}")
        elif kind != "name":
            columns.append(f"{_stored(feed, name)} as {identifier(name)}")
        if kind == "email":
            address = _or_user_id(feed, f"judged.{identifier(name)}", "clear")
            domain = f"lower(trim(split_part({address}, '@', 2)))"
            columns.append(f"{domain} as {identifier(f'{name}_domain')}")
    return columns


def clear_rows_sql(feed: FeedSpec) -> str:
    """The rows of a `raw/pii` file: each combination once, with its newest version.

    Values that identify nobody (an e-mail without an @) are kept, without a hash.
    """
    columns = [f"{literal(feed.name)} as feed"]
    for name in ("email", "phone"):
        hashed = _hash(feed, name) if name in _hashed(feed) else "null::VARCHAR"
        columns.append(f"{hashed} as {name}_hash")
    columns += [f"{_clear(feed, name)} as {name}" for name in CLEAR]
    is_personal = " or ".join(f"{_clear(feed, n)} is not null" for n in feed.personal)
    return f"""
        select _file, {", ".join(columns)}, max(_version_at) as _version_at
        from judged {hash_joins(feed)}
        where _reason is null and not _is_known and ({is_personal})
        group by all"""


def _hashed(feed: FeedSpec) -> list[str]:
    return [name for name in feed.personal if feed.fields[name] in HASHES]


def _ids(feed: FeedSpec) -> list[str]:
    return [name for name, kind in feed.fields.items() if kind == "id"]


def _of(name: str) -> str:
    return identifier(f"{name}_hash")


def _hash(feed: FeedSpec, name: str) -> str:
    found = f"{_of(name)}.hash"
    return _or_user_id(feed, found, "hash") if name == "email" else found


def _or_user_id(feed: FeedSpec, own: str, what: str) -> str:
    """A user who is known by an address has given it."""
    if "user_id" not in _ids(feed):
        return own
    by = _of("user_id")
    return f"coalesce({own}, case when {by}.is_mail = 'yes' then {by}.{what} end)"


def _stored(feed: FeedSpec, name: str) -> str:
    column = f"judged.{identifier(name)}"
    return f"coalesce({_of(name)}.hash, {column})" if name in _ids(feed) else column


def _clear(feed: FeedSpec, name: str) -> str:
    if name in feed.personal:
        given = f"judged.{identifier(f'given.{name}')}"
        return _or_user_id(feed, given, "clear") if name == "email" else given
    return _stored(feed, name) if name in feed.fields else "null::VARCHAR"


def _signs(name: str) -> str:
    column = identifier(name)
    return f"contains({column}, '@') or starts_with({column}, '+')"


def _distinct(engine: Engine, name: str, condition: str) -> list[str]:
    found = engine.execute(
        f"select distinct {identifier(name)} from judged where {condition}"
    )
    return [clear for (clear,) in found.fetchall()]


def _fill(
    engine: Engine, table: str, names: tuple[str, ...], rows: list[tuple[str, str, str]]
) -> None:
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(3)]
    engine.register("filling", pa.Table.from_arrays(columns, names=list(names)))
    engine.execute(f"create or replace temp table {table} as select * from filling")
    engine.unregister("filling")


def _hmac(pepper: bytes, text: str) -> str:
    return hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest()
