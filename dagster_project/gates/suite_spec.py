"""Suites of expectations as declared in `expectations/<schema>/<table>.yml`."""

from collections import Counter
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from dagster_project.declarations import Declaration, parse, read_yaml
from dagster_project.errors import DeclarationError
from dagster_project.gates.checks import ExpectedCheck
from dagster_project.gates.expectation_spec import ExpectationSpec

DRIFT_FILE = "drift.yml"


class SuiteSpec(Declaration):
    """All expectations of one table. `key` names the columns of a sample row."""

    schema_name: str
    table: str
    path: Path
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

    @property
    def table_name(self) -> str:
        """`schema.table`."""
        return f"{self.schema_name}.{self.table}"

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
