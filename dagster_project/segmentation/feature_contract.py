"""The columns a segment model may read, as the features model declares them.

The declaration is the dbt yml beside the model: nothing is repeated here.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.declarations import read_yaml
from dagster_project.errors import DeclarationError
from dagster_project.settings import REPOSITORY

CONTRACT = REPOSITORY / "dbt/models/features/customer_features.yml"
FAMILIES = {
    "number": r"decimal|numeric|double|float|real|(big|huge|small|tiny)?int(eger)?",
    "text": r"varchar|text|string",
    "boolean": r"bool(ean)?",
    "date": r"date",
    "timestamp": r"timestamp",
}


@dataclass(frozen=True)
class FeatureColumn:
    """One feature: its SQL type and, for a category, the values it may take."""

    name: str
    type: str
    allowed: tuple[str, ...] | None = None
    label: str | None = None

    @property
    def family(self) -> str:
        """number, text, boolean, date or timestamp; anything else is `other`."""
        for family, pattern in FAMILIES.items():
            if re.fullmatch(rf"({pattern})(\([\d, ]+\))?", self.type.lower()):
                return family
        return "other"


def load_feature_contract(path: Path = CONTRACT) -> dict[str, FeatureColumn]:
    """The feature columns by name, in the order of the dbt yml.

    Raises DeclarationError when the file declares no typed column.
    """
    if not path.is_file():
        raise DeclarationError(f"{path}: the feature contract is not there")
    data = read_yaml(path)
    models = data.get("models") if isinstance(data, dict) else None
    columns = (models[0].get("columns") if models else None) or []
    untyped = [str(c.get("name")) for c in columns if not c.get("data_type")]
    if untyped or not columns:
        missing = ", ".join(untyped) or "models[0].columns"
        raise DeclarationError(f"{path}: no data_type for {missing}")
    return {column["name"]: _feature(column) for column in columns}


def _feature(column: dict[str, Any]) -> FeatureColumn:
    meta = column.get("config", {}).get("meta") or column.get("meta") or {}
    return FeatureColumn(
        name=column["name"],
        type=str(column["data_type"]).lower(),
        allowed=_words(meta) or _accepted_values(column),
        label=meta.get("label"),
    )


def _words(meta: dict[str, Any]) -> tuple[str, ...] | None:
    words = meta.get("words")
    return tuple(str(word) for word in words) if words else None


def _accepted_values(column: dict[str, Any]) -> tuple[str, ...] | None:
    for test in column.get("data_tests") or []:
        body = test.get("accepted_values") if isinstance(test, dict) else None
        if body:
            values = body.get("arguments", body)["values"]
            return tuple(str(value) for value in values)
    return None
