"""What the values of a vendor column look like, and which of our columns take them.

Only shapes are told, never a value.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dagster_project.ingest.kinds import Kind, Unit

Shape = Literal[
    "empty", "email", "uuid", "time", "date", "currency", "yes_no", "integer",
    "decimal", "url", "json", "text",
]  # fmt: skip

#: This share of the values decides; the others are what quarantine is for.
MOST = 0.9

#: Formats that ISO 8601 is not, months after days first.
FORMATS = (
    "%d/%b/%Y:%H:%M:%S %z",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y%m%d",
)  # fmt: skip

PATTERNS: dict[Shape, str] = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "url": r"(https?://\S+|/\S*)",
    "yes_no": r"(?i:true|false|yes|no)",
    "currency": r"[A-Za-z]{3}",
    "integer": r"[+-]?[0-9]+",
    "decimal": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
    "json": r"(?s:\s*[{\[].*[}\]]\s*)",
}
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = DAY + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
OFFSET = r" ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)"
#: Seconds, milliseconds, microseconds of the years 1980 to 2100.
EPOCHS: dict[Unit, tuple[float, float]] = {
    "s": (315e6, 4102e6),
    "ms": (315e9, 4102e9),
    "us": (315e12, 4102e12),
}
WORDS: dict[Shape, str] = {
    "empty": "values are empty",
    "email": "values look like e-mail addresses",
    "uuid": "values look like UUIDs",
    "time": "values look like times",
    "date": "values look like days",
    "currency": "values look like currency codes",
    "yes_no": "values are yes or no",
    "integer": "values are whole numbers",
    "decimal": "values are numbers",
    "url": "values look like addresses of pages",
    "json": "values are JSON",
    "text": "values are texts",
}


@dataclass(frozen=True)
class Look:
    """The shape of a column; for times how they are written."""

    shape: Shape
    unit: Unit | None = None
    format: str | None = None
    has_offset: bool = True
    is_unique: bool = False
    is_number: bool = False

    @property
    def words(self) -> str:
        """The shape as a reason."""
        return WORDS[self.shape]


def look_at(values: Sequence[str]) -> Look:
    """The shape that nearly all values have that are not empty."""
    given = [value.strip() for value in values if value.strip()]
    if not given:
        return Look("empty")
    unique = len(given) > 1 and len(set(given)) == len(given)
    return _as_time(given, unique) or _as_pattern(given, unique)


TEXTS: tuple[Shape, ...] = ("uuid", "integer", "text", "email", "yes_no", "currency")
NO_LABELS: tuple[Shape, ...] = ("time", "date", "json")
TAKEN: dict[str, tuple[Shape, ...]] = {
    "timestamp": ("time", "date"),
    "date": ("time", "date"),
    "decimal": ("integer", "decimal"),
    "integer": ("integer", "decimal"),
    "email": ("email",),
    "currency": ("currency",),
    "url": ("url",),
    "json": ("json",),
    "traits": ("json",),
    "phone": ("integer", "text"),
    "name": ("text",),
    "text": TEXTS,
    "id": TEXTS,
}


def takes(kind: Kind, look: Look) -> bool:
    """Whether a column of this kind could hold such values."""
    if look.shape == "empty":
        return True
    if kind in ("decimal", "integer") and look.unit:
        return True
    shapes = TAKEN.get(kind)
    return look.shape in shapes if shapes else look.shape not in NO_LABELS


def _as_time(values: Sequence[str], unique: bool) -> Look | None:
    if _most(values, lambda v: bool(re.fullmatch(DAY, v))):
        return Look("date", is_unique=unique)
    if _most(values, lambda v: bool(re.fullmatch(f"{CLOCK}({OFFSET})?", v))):
        offset = _most(values, lambda v: bool(re.fullmatch(CLOCK + OFFSET, v)))
        return Look("time", has_offset=offset, is_unique=unique)
    for unit, (least, most) in EPOCHS.items():
        if _most(values, lambda v, a=least, b=most: _within(v, a, b)):  # type: ignore[misc]
            return Look("time", unit=unit, is_unique=unique, is_number=True)
    for written in FORMATS:
        if _most(values, lambda v, f=written: _reads(v, f)):  # type: ignore[misc]
            shape: Shape = "time" if "%H" in written else "date"
            return Look(
                shape, format=written, has_offset="%z" in written, is_unique=unique
            )
    return None


def _as_pattern(values: Sequence[str], unique: bool) -> Look:
    for shape, pattern in PATTERNS.items():
        compiled = re.compile(pattern)
        if _most(values, lambda v, p=compiled: bool(p.fullmatch(v))):  # type: ignore[misc]
            if shape == "currency" and len(set(values)) > 20:
                continue
            is_number = shape in ("integer", "decimal")
            return Look(shape, is_unique=unique, is_number=is_number)
    return Look("text", is_unique=unique)


def _most(values: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return sum(map(fits, values)) >= MOST * len(values)


def _within(value: str, least: float, most: float) -> bool:
    return bool(re.fullmatch(r"[0-9]{9,16}(\.[0-9]+)?", value)) and (
        least <= float(value) <= most
    )


def _reads(value: str, written: str) -> bool:
    try:
        datetime.strptime(value, written)
    except ValueError:
        return False
    return len(value) >= 8
