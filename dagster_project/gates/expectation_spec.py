"""One expectation as declared: its type, arguments, severity and reason."""

import re
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from dagster_project.declarations import Declaration, did_you_mean
from dagster_project.gates.checks import Severity
from dagster_project.gates.expectation_types import (
    EXPECTATION_TYPES,
    ROWS_EXPECTATION,
    ExpectationType,
)
from dagster_project.gates.rows_query import check_rows_query


class ExpectationMeta(Declaration, extra="allow"):
    """Why a bound is where it is; `name` where type and column do not tell apart."""

    why: str
    name: str | None = Field(None, pattern="^[a-z][a-z0-9_]*$")

    @field_validator("why")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("say why the night must not be published when this fails")
        return value.strip()


class ExpectationSpec(Declaration):
    """One expectation, in the words of Great Expectations."""

    type: str
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Severity
    meta: ExpectationMeta

    @field_validator("type")
    @classmethod
    def _runs_on_duckdb(cls, value: str) -> str:
        if value in EXPECTATION_TYPES:
            return value
        if re.search("regex|like_pattern|strftime|json", value):
            raise ValueError(
                f"{value} does not run on DuckDB: write {ROWS_EXPECTATION} with a"
                " query of the wrong rows, for example"
                " `select * from {batch} where not regexp_matches(x, '...')`"
            )
        near = did_you_mean(value, EXPECTATION_TYPES)
        raise ValueError(f"unknown expectation {value!r}{near}")

    @model_validator(mode="after")
    def _arguments_fit(self) -> Self:
        kind = self.kind
        for name in self.kwargs:
            if name not in kind.arguments:
                near = did_you_mean(name, kind.arguments)
                raise ValueError(f"kwargs: {self.type} takes no {name!r}{near}")
        for name in kind.columns + kind.required:
            if name not in self.kwargs:
                raise ValueError(f"kwargs: {self.type} needs {name!r}")
        if self.type == ROWS_EXPECTATION:
            if not self.meta.name:
                raise ValueError(f"meta: {self.type} needs a `name`")
            check_rows_query(str(self.kwargs["unexpected_rows_query"]))
        return self

    @property
    def kind(self) -> ExpectationType:
        """The type's short name and arguments."""
        return EXPECTATION_TYPES[self.type]

    @property
    def columns(self) -> list[str]:
        """The columns it is about; none for a table."""
        named = [self.kwargs[argument] for argument in self.kind.columns]
        return [c for n in named for c in (n if isinstance(n, list) else [n])]

    @property
    def check_name(self) -> str:
        """Type and columns in short, for example `not_null__customer_id`."""
        if self.meta.name:
            return self.meta.name
        return "__".join([self.kind.short, *self.columns])
