"""How a delivered text becomes a typed value, per kind of column, as SQL.

Each kind gives the value (NULL when it cannot be read) and says what was wrong.
Which column has which kind is in `feeds.yml`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from dagster_project.ingest.currencies import code_sql
from dagster_project.ingest.masking import (
    masked_document,
    masked_text,
    masked_url,
    without_mail,
)
from dagster_project.warehouse import literal

Kind = Literal[
    "text", "integer", "decimal", "timestamp", "date", "currency", "url", "json",
    "traits", "label", "free_text", "id", "email", "phone", "name",
]  # fmt: skip
Unit = Literal["s", "ms", "us"]

SQL_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "id": "VARCHAR",
    "label": "VARCHAR",
    "free_text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,4)",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "currency": "VARCHAR",
    "url": "VARCHAR",
    "json": "VARCHAR",
    "traits": "VARCHAR",
    "email": "VARCHAR",
    "phone": "VARCHAR",
    "name": "VARCHAR",
}

NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
WHOLE = r"[+-]?[0-9]+(\.0*)?"
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
OFFSET = " ?(Z|UTC|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
MOMENT = rf"{DAY}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]+)?)?"
FORMAT_WITH_OFFSET = re.compile("%[zZ]")
MICROSECONDS: dict[Unit, int] = {"s": 1_000_000, "ms": 1_000, "us": 1}

#: Kinds with a pattern, and the value of a text that fits it.
LIKE: dict[Kind, tuple[str, str]] = {
    "decimal": (NUMBER, "try_cast({0} as DECIMAL(18,4))"),
    "integer": (WHOLE, "try_cast(try_cast({0} as DECIMAL(38,4)) as BIGINT)"),
    "email": (r"[^@\s]+@[^@\s]+", "{0}"),
    "phone": ("([^0-9]*[0-9]){5,}[^0-9]*", "{0}"),
}


#: Kinds from which personal data is taken out at the door.
MASKED: dict[Kind, Callable[[str], str]] = {
    "label": without_mail,
    "free_text": masked_text,
    "url": masked_url,
    "json": partial(masked_document, names_too=False),
    "traits": partial(masked_document, names_too=True),
}


@dataclass(frozen=True)
class TimeRule:
    """How times of one source are written: zone, epoch unit or strptime format."""

    zone: str = "UTC"
    unit: Unit | None = None
    format: str | None = None


def value_sql(kind: Kind, text: str, time: TimeRule) -> str:
    """The typed value of a text expression, NULL when it cannot be read."""
    if kind == "timestamp":
        return _moment(text, time)
    if kind == "date":
        return _date(text, time)
    if kind == "currency":
        return code_sql(text)
    if kind in MASKED:
        return MASKED[kind](text)
    if kind in LIKE:
        pattern, then = LIKE[kind]
        return _if_like(text, pattern, then.format(text))
    return text


def complaint_sql(kind: Kind, text: str) -> str | None:
    """What was wrong with a text that is not NULL and could not be read.

    None for kinds that take every text. An unusable e-mail or phone is an absent one:
    it identifies nobody, which is no reason to lose the row.
    """
    match kind:
        case "decimal" | "integer":
            return f"""case
                when lower(ltrim({text}, '+-')) in ('nan', 'inf', 'infinity')
                    then 'not a finite number'
                when regexp_full_match({text}, {literal(NUMBER)})
                    then '{"not a whole number" if kind == "integer" else "too large"}'
                when regexp_full_match({text}, '[+-]?[0-9][0-9., ''_]*[0-9]')
                    then 'not a number (thousands separator or decimal comma)'
                else 'not a number' end"""
        case "timestamp":
            return "'not a timestamp'"
        case "date":
            return "'not a date'"
        case "currency":
            return "'not a currency of ISO 4217'"
        case "json" | "traits":
            return "'not JSON'"
    return None


def _if_like(text: str, pattern: str, then: str) -> str:
    matches = f"regexp_full_match({text}, {literal(pattern)})"
    return f"case when {matches} then {then} end"


def _moment(text: str, time: TimeRule) -> str:
    """UTC without a zone, from ISO 8601, an epoch number or a format."""
    if time.unit:
        epoch = f"try_cast({text} as DECIMAL(38,6)) * {MICROSECONDS[time.unit]}"
        return _if_like(text, NUMBER, f"try(make_timestamp(cast({epoch} as BIGINT)))")
    if time.format:
        parsed = f"try_strptime({text}, {literal(time.format)})"
        if FORMAT_WITH_OFFSET.search(time.format):
            return f"timezone('UTC', {parsed})"
        return in_utc(parsed, time.zone)
    # The engine knows no space before an offset and wants one before UTC.
    plain = f"replace(replace(replace({text}, 'UTC', 'Z'), ' Z', 'Z'), ' +', '+')"
    moment = f"try_cast(replace({plain}, ' -', '-') as TIMESTAMPTZ)"
    moment = f"coalesce(try_cast({text} as TIMESTAMPTZ), {moment})"
    with_offset = f"timezone('UTC', {moment})"
    local = in_utc(f"try_cast({text} as TIMESTAMP)", time.zone)
    return f"""case
        when regexp_full_match({text}, {literal(MOMENT + OFFSET)}) then {with_offset}
        when regexp_full_match({text}, {literal(f"{MOMENT}|{DAY}")}) then {local} end"""


def _date(text: str, time: TimeRule) -> str:
    if time.format and not FORMAT_WITH_OFFSET.search(time.format):
        return f"cast(try_strptime({text}, {literal(time.format)}) as DATE)"
    moment = f"timezone('UTC', {_moment(text, time)})"
    local_day = f"cast(timezone({literal(time.zone)}, {moment}) as DATE)"
    if time.unit or time.format:
        return local_day
    return f"""case when regexp_full_match({text}, {literal(DAY)})
        then try_cast({text} as DATE) else {local_day} end"""


def in_utc(local: str, zone: str) -> str:
    """A time without an offset, of a zone, in UTC."""
    if zone == "UTC":
        return local
    return f"timezone('UTC', timezone({literal(zone)}, {local}))"
