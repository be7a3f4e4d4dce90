"""The figures of the whole company against last night's."""

from dataclasses import dataclass
from typing import Any, Literal

from dagster_project.report import words
from dagster_project.report.measures import Measure, measure
from dagster_project.report.published import Published

KEY_METRICS = ("customers", "paying_customers", "mrr", "arr", "revenue_12m", "nps")
ONE_LINE = 14


@dataclass(frozen=True)
class Figure:
    """One figure now and last night, as text."""

    metric: str
    label: str
    value: str
    previous: str
    change: str
    direction: Literal["up", "down", "same", "unknown"]

    @property
    def is_key(self) -> bool:
        """Whether it stands at the head of the page."""
        return self.metric in KEY_METRICS

    @property
    def line_length(self) -> int:
        """Characters of its longest line; a long value breaks after its currency."""
        whole = len(self.value)
        return whole if whole <= ONE_LINE else max(map(len, self.value.split()))


def figures(
    published: Published, currency: str | None, is_first_night: bool
) -> list[Figure]:
    """All figures, the key figures first and the others by name."""
    rows = published.rows(
        "select * from {pipeline_metrics} where metric is not null order by metric"
    )
    found = [_figure(row, currency, is_first_night) for row in rows]
    key = [f for metric in KEY_METRICS for f in found if f.metric == metric]
    return key + [figure for figure in found if not figure.is_key]


def _figure(row: dict[str, Any], currency: str | None, is_first: bool) -> Figure:
    kind = measure(row["metric"])
    value, previous = row["value"], row["previous_value"]
    is_compared = words.is_known(value) and words.is_known(previous)
    step = round(value - previous, 6) if is_compared else 0
    if is_compared:
        change = _change(kind, step, previous, currency) if step else "no change"
    else:
        change = "first night" if is_first else f"last night {words.UNKNOWN}"
    return Figure(
        metric=row["metric"],
        label=kind.label,
        value=kind.total(value, currency),
        previous=kind.total(previous, currency),
        change=change if words.is_known(value) else "",
        direction=_direction(step) if is_compared else "unknown",
    )


def _direction(step: float) -> Literal["up", "down", "same"]:
    if not step:
        return "same"
    return "up" if step > 0 else "down"


def _change(kind: Measure, step: float, previous: float, currency: str | None) -> str:
    """The step with its sign, and as per cent where a ratio has a meaning."""
    if kind.unit == "points":
        return f"{words.signed(words.number(step))} points"
    if kind.unit == "share":
        return f"{words.signed(words.number(step * 100))} percentage points"
    text = words.signed(kind.total(step, currency))
    if previous <= 0:
        return text
    return f"{text} ({words.signed(words.percent(step / previous))})"
