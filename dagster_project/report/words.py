"""Numbers, dates and names as a reader sees them. No query and no HTML."""

import math
import re
from datetime import date, datetime
from typing import Any

UNKNOWN = "not known"
MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
ACRONYMS = {
    "arpa": "ARPA",
    "arr": "ARR",
    "clv": "CLV",
    "csat": "CSAT",
    "id": "id",
    "mrr": "MRR",
    "nps": "NPS",
    "rfm": "RFM",
}
E_MAIL = re.compile(r"[^\s'\"<>(),;:/]+@[^\s'\"<>(),;:/]+")
PHONE = re.compile(r"(?<!\w)(?:\+|00)\d[\d ()./-]{5,}\d")
HEADER_FOUND = re.compile(r"(?:; found|(?<=duplicate header)): .*", re.DOTALL)
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")


def is_known(value: Any) -> bool:
    """Whether there is a value: neither null nor NaN nor infinite."""
    if value is None:
        return False
    return not isinstance(value, float) or math.isfinite(value)


def count(value: Any) -> str:
    """A whole number with thousands separators."""
    return _signless_zero(f"{value:,.0f}") if is_known(value) else UNKNOWN


def counted(amount: int, one: str, many: str) -> str:
    """A count with its noun."""
    return f"{count(amount)} {one if amount == 1 else many}"


def number(value: Any) -> str:
    """A number with as many decimals as its size makes worth reading."""
    if not is_known(value):
        return UNKNOWN
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _signless_zero(text)


def money(value: Any, currency: str | None) -> str:
    """An amount with its currency, without decimals from 100 on."""
    if not is_known(value):
        return UNKNOWN
    places = 0 if abs(value) >= 100 or value == int(value) else 2
    digits = _signless_zero(f"{value:,.{places}f}")
    sign = MINUS if digits.startswith(MINUS) else ""
    unit = SYMBOLS.get(currency, f"{currency} ") if currency else ""
    return f"{sign}{unit}{digits.removeprefix(MINUS)}"


def percent(share: Any) -> str:
    """A share of 0-1 as per cent with one decimal."""
    if not is_known(share):
        return UNKNOWN
    return _signless_zero(f"{share * 100:,.1f}") + "%"


def ratio(value: Any) -> str:
    """A multiple of the base, to about two digits."""
    if not is_known(value):
        return UNKNOWN
    places = 0 if value >= 10 else 1 if value >= 1 else 2
    return f"×{value:,.{places}f}"


def size(number_of_bytes: Any) -> str:
    """A file size in the unit that keeps it short."""
    if not is_known(number_of_bytes):
        return UNKNOWN
    amount = float(number_of_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{number(amount)} {unit}"


def signed(text: str) -> str:
    """A formatted amount with its sign always written."""
    return text if text == UNKNOWN or text.startswith(MINUS) else f"+{text}"


def day(value: Any) -> str:
    """A date in full, for example 21 November 2026."""
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else UNKNOWN


def short_day(value: Any) -> str:
    """A day without its year, for example 21 Nov."""
    return f"{value.day} {value:%b}" if isinstance(value, date) else UNKNOWN


def month(value: Any) -> str:
    """A month, for example Nov 2026."""
    return f"{value:%b %Y}" if isinstance(value, date) else UNKNOWN


def moment(value: Any) -> str:
    """A point in time to the minute, in UTC."""
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else UNKNOWN


def plain(name: Any) -> str:
    """A technical name as words: `key_account` is Key account."""
    if name is None or not str(name).strip():
        return UNKNOWN
    words = [ACRONYMS.get(word, word) for word in str(name).split("_") if word]
    text = " ".join(words) or str(name)
    return text[0].upper() + text[1:]


def masked(text: Any) -> str:
    """A text of the pipeline without e-mail addresses and phone numbers."""
    return PHONE.sub("…", E_MAIL.sub("…", str(text))) if text is not None else UNKNOWN


def without_values(text: Any) -> str:
    """A reason without what it quotes of the file.

    A file without a header has its first row quoted as the header that was found.
    """
    if text is None:
        return UNKNOWN
    return masked(QUOTED.sub("…", HEADER_FOUND.sub("", str(text))))


def _signless_zero(text: str) -> str:
    """Rounded text with a true minus sign, and none before a zero."""
    if not text.strip("-0.,"):
        return text.lstrip("-")
    return text.replace("-", MINUS)
