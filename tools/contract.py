"""Writes what follows from customer_features.yml: features are described there only.

dbt wants the columns of the monthly table beside that model, and people want a page.
Usage: python -m tools.contract
"""

from pathlib import Path
from typing import Any

import yaml

from dagster_project.segmentation.feature_contract import CONTRACT
from dagster_project.settings import REPOSITORY

MONTHLY = REPOSITORY / "dbt/models/marts/customers/customer_features_monthly.yml"
MONTHLY_HEAD = """\
# Written by `make contract` from dbt/models/features/customer_features.yml.
version: 2
models:
  - name: customer_features_monthly
    description: One row per customer and month-end, as customer_features has it.
    access: public
    columns:
"""
MONTH_END = {
    "name": "month_end",
    "data_type": "date",
    "description": "Last day of the month that the row describes.",
    "constraints": [{"type": "not_null"}],
}
KEPT = ("name", "data_type", "description", "constraints")

PAGE = REPOSITORY / "docs/features.md"
PAGE_HEAD = """\
# Features of a customer

Every column of `customer_features` and `customer_features_monthly`. Written by
`make contract` from `dbt/models/features/customer_features.yml`, where a feature is
described once; the same texts are in dbt docs, in the Dagster UI and in the comments of
the DuckDB file. 0 means that nothing happened, NULL that nobody knows. Why a word means
what it means is in [DECISIONS](../DECISIONS.md).
"""
TABLE_HEAD = "| Column | Type | Meaning |\n|---|---|---|\n"


def columns() -> list[dict[str, Any]]:
    """The declared features in their order."""
    declared = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = declared["models"][0]["columns"]
    return found


def group_of(column: dict[str, Any]) -> str:
    """The group of features that a column belongs to."""
    return str(column["config"]["meta"]["group"])


def monthly_contract() -> str:
    """The yml of the monthly table, as it has to be."""
    return MONTHLY_HEAD + "".join(_line(column) for column in [*columns(), MONTH_END])


def _line(column: dict[str, Any]) -> str:
    kept = {key: column[key] for key in KEPT if key in column}
    text = yaml.safe_dump(
        kept, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    )
    return f"      - {text.strip()}\n"


def page() -> str:
    """The page of all features, group by group."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for column in columns():
        groups.setdefault(group_of(column), []).append(column)
    return PAGE_HEAD + "".join(_section(name, own) for name, own in groups.items())


def _section(name: str, own: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"| `{column['name']}` | {column['data_type']} | "
        f"{' '.join(column['description'].split()).replace('|', '&#124;')} |\n"
        for column in own
    )
    return f"\n## {name.capitalize()}\n\n{TABLE_HEAD}{rows}"


TARGETS = {MONTHLY: monthly_contract, PAGE: page}


def write(targets: dict[Path, Any]) -> None:
    """Write every file anew."""
    for path, content in targets.items():
        path.write_text(content(), encoding="utf-8")


if __name__ == "__main__":
    write(TARGETS)
