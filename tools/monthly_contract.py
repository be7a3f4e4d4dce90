"""Writes the contract of customer_features_monthly from that of customer_features.

The columns are described once; dbt wants them beside each model that promises them.
Usage: python -m tools.monthly_contract
"""

from typing import Any

import yaml

from dagster_project.segmentation.feature_contract import CONTRACT
from dagster_project.settings import REPOSITORY

TARGET = REPOSITORY / "dbt/models/marts/customers/customer_features_monthly.yml"
HEAD = """\
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


def monthly_contract() -> str:
    """The yml of the monthly table, as it has to be."""
    declared = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    columns = [*declared["models"][0]["columns"], MONTH_END]
    return HEAD + "".join(_line(column) for column in columns)


def _line(column: dict[str, Any]) -> str:
    kept = {key: column[key] for key in KEPT if key in column}
    text = yaml.safe_dump(
        kept, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    )
    return f"      - {text.strip()}\n"


if __name__ == "__main__":
    TARGET.write_text(monthly_contract(), encoding="utf-8")
