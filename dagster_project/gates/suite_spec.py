"""Suites of expectations as declared in `expectations/<schema>/<table>.yml`."""

from collections import Counter
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from dagster_project.declarations import Declaration, did_you_mean, parse, read_yaml
from dagster_project.errors import DeclarationError
from dagster_project.gates.arrival_columns import arrival_columns, arrivals_table
from dagster_project.gates.checks import ExpectedCheck
from dagster_project.gates.expectation_spec import ExpectationSpec
from dagster_project.ingest.feeds import FEEDS

DRIFT_FILE = "drift.yml"


class SuiteSpec(Declaration):
    """All expectations of one table. `key` names the columns of a sample row.

    A suite `about: new_files` of a raw feed looks at the profiles of tonight's new
    files, one row each, instead of the rows of the feed.
    """

    schema_name: str
    table: str
    path: Path
    about: Literal["rows", "new_files"] = "rows"
    key: list[str] = Field(default_factory=list)
    expectations: list[ExpectationSpec] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for name, times in Counter(e.check_name for e in self.expectations).items():
            if times > 1:
                raise ValueError(
                    f"{times} expectations are called {name!r}:"
                    " give each a `name` under `meta`"
                )
        return self

    @model_validator(mode="after")
    def _profiles_have_the_columns(self) -> Self:
        if self.about == "rows":
            return self
        if self.schema_name != "raw" or self.table not in FEEDS:
            raise ValueError("about: only the feeds below `raw` have new files")
        known = arrival_columns(self.table)
        for name in [*self.key, *(c for e in self.expectations for c in e.columns)]:
            if name not in known:
                hint = did_you_mean(name, known)
                raise ValueError(f"the profile of a file has no column {name!r}{hint}")
        return self

    @property
    def table_name(self) -> str:
        """`schema.table`."""
        return f"{self.schema_name}.{self.table}"

    @property
    def batch(self) -> tuple[str, str]:
        """Schema and name of the table that is read."""
        if self.about == "new_files":
            return "night", arrivals_table(self.table)
        return self.schema_name, self.table

    @property
    def expected_checks(self) -> list[ExpectedCheck]:
        """One promise for each expectation."""
        return [
            ExpectedCheck(
                "great_expectations", e.check_name, self.table_name, e.severity
            )
            for e in self.expectations
        ]


def load_suite(path: Path) -> SuiteSpec:
    """The suite of one file; its folder is the schema, its name the table.

    Raises DeclarationError naming file, key and reason.
    """
    declared = read_yaml(path)
    if isinstance(declared, dict):
        place = {"schema_name": path.parent.name, "table": path.stem, "path": path}
        declared = {**declared, **place}
    return parse(SuiteSpec, declared, path)


def load_suites(folder: Path) -> list[SuiteSpec]:
    """Every suite below a folder, in the order of their paths.

    Raises DeclarationError also for a file that no gate would read: a check in the
    wrong place would be a check that never fails.
    """
    suites = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        depth = len(path.relative_to(folder).parts)
        if path.name.startswith(".") or (depth == 1 and path.name == DRIFT_FILE):
            continue
        if path.suffix != ".yml" or depth != 2:
            raise DeclarationError(
                f"{path}: nobody reads this file: suites are"
                f" {folder.name}/<schema>/<table>.yml"
            )
        suites.append(load_suite(path))
    return suites
