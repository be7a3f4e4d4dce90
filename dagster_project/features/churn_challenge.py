"""One challenger: fitted on older dates, tested on later ones, judged.

Nothing is written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow.compute as pc

from dagster_project.features import churn
from dagster_project.features.churn_encoding import significant
from dagster_project.features.churn_history import customers
from dagster_project.features.churn_judgement import (
    judged,
    largest_change,
    unfit,
    worse,
)
from dagster_project.features.churn_model import ChurnModel, Row
from dagster_project.features.churn_past import Features, Limits, Past


@dataclass(frozen=True)
class Challenge:
    """The challenger, how good it was, and what speaks against it ('' = nothing).

    `champion_metrics` measure the champion on the same rows.
    """

    model: ChurnModel
    customers: int
    metrics: dict[str, float]
    objection: str
    champion_metrics: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def rows(self, metrics: Mapping[str, float]) -> tuple[Row, ...]:
        """Metrics as rows of `score_models`."""
        return tuple(
            {"name": n, "value": significant(v), "note": self.notes.get(n)}
            for n, v in metrics.items()
        )


def challenge(
    found: Past,
    limits: Limits,
    features: Features,
    champion: ChurnModel | None,
) -> Challenge:
    """A challenger with its figures, and those of the champion on the same rows."""
    model = churn.fit(found.learned, "has_left", *features)
    model = churn.calibrate(model, found.calibrating, "has_left")
    metrics = judged(model, found.judging)
    before = judged(champion, found.judging) if champion else {}
    metrics |= {
        "base_rate_learned": pc.mean(found.learned["has_left"]).as_py(),
        "rows_learned": float(len(found.learned)),
        "dates_learned": float(len(found.dates.learned)),
        "dates_tested": float(len(found.dates.tested)),
    }
    notes = {
        "dates_learned": _span(found.dates.learned),
        "dates_tested": _span(found.dates.tested),
    }
    if champion:
        feature, change = largest_change(champion, model)
        metrics["largest_weight_change"] = change
        notes["largest_weight_change"] = feature
    objection = unfit(model, metrics, limits) or worse(metrics, before, limits)
    return Challenge(model, customers(found.learned), metrics, objection, before, notes)


def _span(dates: Sequence[date]) -> str:
    return f"{dates[0]} to {dates[-1]}"
