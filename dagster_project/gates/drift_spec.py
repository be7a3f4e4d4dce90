"""Bounds of drift as declared in `expectations/drift.yml`."""

from collections import Counter
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from dagster_project.declarations import Declaration, did_you_mean, parse, read_yaml
from dagster_project.gates.checks import Severity
from dagster_project.gates.drift_metrics import METRICS
from dagster_project.gates.suite_spec import DRIFT_FILE


class DriftBound(Declaration):
    """How far one metric may move before it warns, and before it holds the night.

    The unit is the metric's own (see docs/gates.md): times, points, PSI or share.
    Below `at_least` (rows, customers, money: what the metric counts) nothing is said.
    """

    metric: str
    warn: float | None = Field(None, gt=0)
    critical: float | None = Field(None, gt=0)
    at_least: float = Field(0, ge=0)
    why: str = Field(min_length=1)

    @field_validator("metric")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in METRICS:
            near = did_you_mean(value, METRICS)
            raise ValueError(f"unknown metric {value!r}{near}")
        return value

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        if self.warn is None and self.critical is None:
            raise ValueError("give `warn`, `critical` or both")
        if self.warn and self.critical and self.warn > self.critical:
            raise ValueError("`warn` is beyond `critical`")
        return self

    @property
    def severity(self) -> Severity:
        """The worst that it can do."""
        return "warning" if self.critical is None else "critical"


class DriftSpec(Declaration):
    """All bounds of drift."""

    metrics: list[DriftBound]

    @model_validator(mode="after")
    def _each_metric_once(self) -> Self:
        for metric, times in Counter(b.metric for b in self.metrics).items():
            if times > 1:
                raise ValueError(f"metric {metric!r} is bound {times} times")
        return self


def load_drift(folder: Path) -> DriftSpec:
    """The bounds in the folder of expectations; none when it has no `drift.yml`.

    Raises DeclarationError naming file, key and reason.
    """
    path = folder / DRIFT_FILE
    if not path.exists():
        return DriftSpec(metrics=[])
    return parse(DriftSpec, read_yaml(path), path)
