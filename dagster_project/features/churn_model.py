"""A churn model in plain numbers: its predictions and its rows in a release.

A prediction runs the SQL of the model `risk_features`. No fitting here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.features.churn_encoding import Level, Number, as_table
from dagster_project.features.rendering import render
from dagster_project.warehouse import connect

CUTS = ("low", "high", "center", "scale")

PREDICTION = """
with {{ churn_scores(numbers, categories) }}
select probability from scores order by place__
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class ChurnModel:
    """Who leaves: an intercept, weighted numbers and levels, and a calibration."""

    intercept: float
    numbers: tuple[Number, ...] = ()
    levels: tuple[Level, ...] = ()
    slope: float = 1.0
    offset: float = 0.0

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each number and level in log-odds."""
        numbers = {one.feature: one.weight for one in self.numbers}
        missing = {f"{x.feature}.missing": x.missing for x in self.numbers}
        return (
            numbers
            | missing
            | {f"{x.feature}={x.value}": x.weight for x in self.levels}
        )

    def predict(self, frame: Any) -> np.ndarray:
        """The probability of leaving of each row, by the very SQL of the nights."""
        table = as_table(frame)
        places = pa.array(np.arange(len(table)))
        numbers = {one.feature: one.shape for one in self.numbers}
        categories = list(dict.fromkeys(one.feature for one in self.levels))
        query = render(PREDICTION, numbers=numbers, categories=categories)
        with connect() as connection:
            customers = table.select([*numbers, *categories])
            connection.register("customers", customers.append_column("place__", places))
            connection.register("parameters", pa.Table.from_pylist(self.to_rows()))
            return connection.execute(query).fetchnumpy()["probability"]

    def to_rows(self) -> list[Row]:
        """One row per number that decides a score: name, value, note."""
        rows: list[Row] = [
            _row(
                "intercept",
                self.intercept,
                "log-odds of a customer who is average in every number",
            ),
            _row("calibration.slope", self.slope),
            _row("calibration.offset", self.offset),
        ]
        for one in self.numbers:
            rows += [_row(f"{one.feature}.{cut}", getattr(one, cut)) for cut in CUTS]
            rows.append(_row(f"{one.feature}.weight", one.weight, one.shape))
            if one.is_sometimes_missing:
                rows.append(_row(f"{one.feature}.missing", one.missing))
        return rows + [_row(f"{x.feature}={x.value}", x.weight) for x in self.levels]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> "ChurnModel":
        """The model from its rows, in whatever order they come.

        Raises KeyError when a number is missing.
        """
        own = {str(row["name"]): row for row in rows}
        value = {name: float(row["value"]) for name, row in own.items()}
        notes = {name: row["note"] for name, row in own.items()}
        named = [name.split("=", 1) for name in sorted(value) if "=" in name]
        levels = [Level(f, v, value[f"{f}={v}"]) for f, v in named]
        features = [
            name.removesuffix(".weight")
            for name in sorted(value)
            if name.endswith(".weight") and "=" not in name
        ]
        return cls(
            intercept=value["intercept"],
            slope=value["calibration.slope"],
            offset=value["calibration.offset"],
            numbers=tuple(_number(f, value, notes) for f in features),
            levels=tuple(levels),
        )


def _row(name: str, value: float, note: str | None = None) -> Row:
    return {"name": name, "value": value, "note": note}


def _number(name: str, value: Mapping[str, float], notes: Mapping[str, Any]) -> Number:
    missing = value.get(f"{name}.missing")
    return Number(
        feature=name,
        shape=str(notes[f"{name}.weight"]),
        low=value[f"{name}.low"],
        high=value[f"{name}.high"],
        center=value[f"{name}.center"],
        scale=value[f"{name}.scale"],
        is_sometimes_missing=missing is not None,
        weight=value[f"{name}.weight"],
        missing=missing or 0.0,
    )
