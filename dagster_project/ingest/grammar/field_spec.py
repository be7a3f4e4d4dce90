"""How one of our columns is got from a delivery: the forms of `fields`.

The declaration around it is in `source_spec.py`.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from pydantic import field_validator, model_validator

from dagster_project.declarations import Declaration, did_you_mean
from dagster_project.ingest.currencies import MINOR_UNITS
from dagster_project.ingest.grammar.expressions import Expression, parse_expression
from dagster_project.ingest.kinds import Unit

#: What every delivery has beside its own columns: its path below the landing folder,
#: the physical line, the whole row as text.
PSEUDO_COLUMNS = ("_path", "_line", "_row")

FieldType = Literal["text", "integer", "decimal", "timestamp", "date", "json"]


class MinorSpec(Declaration):
    """Minor units: our column with the currency, and where a vendor departs from it."""

    currency: str
    digits: dict[str, int] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"currency": given} if isinstance(given, str) else given

    @field_validator("digits")
    @classmethod
    def _of_known_currencies(cls, digits: dict[str, int]) -> dict[str, int]:
        for code, places in digits.items():
            if code not in MINOR_UNITS:
                raise ValueError(f"unknown currency {code}")
            if not 0 <= places <= 4:
                raise ValueError(f"{code}: 0 to 4 digits")
        return digits


class FieldSpec(Declaration):
    """One column: from the first path with a value, a constant or an expression."""

    path: tuple[str, ...] = ()
    value: str | None = None
    sql: str | None = None
    type: FieldType | None = None
    unit: Unit | None = None
    format: str | None = None
    minor: MinorSpec | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    values: dict[str, str] | None = None
    default: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, given: Any) -> Any:
        if isinstance(given, (str, list)):
            return {"path": given}
        if not isinstance(given, dict):
            raise ValueError("expected a column, a list of columns or {path: column}")
        for key in given:
            if key not in cls.model_fields:
                hint = did_you_mean(str(key), cls.model_fields)
                raise ValueError(f"unknown key {key}{hint}")
        return given

    @field_validator("path", mode="before")
    @classmethod
    def _one_or_more(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("value", "default", mode="before")
    @classmethod
    def _constant(cls, given: Any) -> Any:
        return as_text(given)

    @field_validator("values", mode="before")
    @classmethod
    def _renamed(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {as_text(theirs): as_text(ours) for theirs, ours in given.items()}

    @field_validator("path")
    @classmethod
    def _readable(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            check_path(path)
        return paths

    @model_validator(mode="after")
    def _consistent(self) -> "FieldSpec":
        ways = (bool(self.path), self.value is not None, self.sql is not None)
        if sum(ways) != 1:
            raise ValueError("exactly one of path, value and sql says where it is from")
        if self.unit and self.format:
            raise ValueError("unit is for epoch numbers, format for texts: not both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        if self.sql is not None:
            _ = self.expression
        return self

    @cached_property
    def expression(self) -> Expression | None:
        """The compiled expression of a `sql` field."""
        return parse_expression(self.sql) if self.sql is not None else None

    @property
    def paths(self) -> tuple[str, ...]:
        """The vendor columns it reads."""
        return self.expression.paths if self.expression else self.path


class VersionSpec(Declaration):
    """What orders the versions of one id: a column, or a date in the file's path."""

    path: str | None = None
    file_path: str | None = None
    unit: Unit | None = None
    format: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"path": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_way(self) -> "VersionSpec":
        if (self.path is None) == (self.file_path is None):
            raise ValueError("either path (a column) or file_path (a pattern)")
        if self.path is not None:
            check_path(self.path)
        return self


def check_path(path: str) -> None:
    """Raises ValueError unless it is a column name or a dotted JSON path."""
    if not path or any(not part.strip() for part in path.split(".")):
        raise ValueError(f"{path!r} is not a column or a dotted path")
    if '"' in path or "\\" in path or not path.isprintable():
        raise ValueError(f"{path!r}: quotes and control characters are not possible")


def as_text(value: Any) -> Any:
    """A YAML scalar as the text a delivery would hold."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value
